/** Maps of a drawing in memory: 8-bit values at model scale and their halved copies, painted into tiles' pixels. */

/** @typedef {import("../core/messages.js").Region} Region */

/** @typedef {{height: number, width: number, values: Uint8Array}} Level */

const SMALLEST = 512; // the longest side of the last copy, at most

/** Values as they are, and values as line or none: 128 and above is line. */
const SOFT = Uint8Array.from({ length: 256 }, (_, value) => value);
const BINARY = Uint8Array.from({ length: 256 }, (_, value) => (value < 128 ? 0 : 255));

/**
 * The pixel that a canvas shows as a colour, as `Uint32Array` over `ImageData` holds it on all machines of today.
 *
 * @param {string} colour `#rrggbb`
 * @param {number} alpha in [0, 255]
 */
export function pixelOf(colour, alpha) {
  const value = Number.parseInt(colour.slice(1), 16);
  return ((alpha << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/** A map (H, W) of values in [0, 255] with copies of half, a quarter, ... its size, each pixel the mean of four. */
export class GreyMipmap {
  /**
   * @param {number} height in model pixels
   * @param {number} width
   * @param {string} colour `#rrggbb` that it is shown in
   * @param {boolean} binary whether it is shown as line or none
   */
  constructor(height, width, colour, binary) {
    /** What each value is shown as. */
    this.shown = binary ? BINARY : SOFT;
    /** @type {Level[]} */
    this.levels = [emptyLevel(height, width)];
    while (Math.max(this.top.height, this.top.width) > SMALLEST) this.levels.push(halfOf(this.top));
    this.palette = Uint32Array.from({ length: 256 }, (_, value) => (value ? pixelOf(colour, value) : 0));
    this.first = this.palette.map((_, value) => this.palette[this.shown[value]]);
  }

  /** The smallest copy. */
  get top() {
    return this.levels[this.levels.length - 1];
  }

  /**
   * Take over the values of a region.
   *
   * @param {Region} region inside the map
   * @param {Uint8Array} values (height, width) of the region
   */
  write([top, left, height, width], values) {
    const { values: kept, width: stride } = this.levels[0];
    for (let row = 0; row < height; row++) {
      kept.set(values.subarray(row * width, (row + 1) * width), (top + row) * stride + left);
    }
    for (let level = 1; level < this.levels.length; level++) {
      const shown = level === 1 ? this.shown : SOFT;
      halve(this.levels[level - 1], this.levels[level], within([top, left, height, width], level), shown);
    }
  }

  /**
   * Paint a region of a copy.
   *
   * @param {number} level 0 is the map
   * @param {Region} region in that copy's pixels
   * @param {Uint32Array} pixels (height, width), written
   * @returns {boolean} whether anything is to be seen
   */
  paint(level, [top, left, height, width], pixels) {
    const { values, width: stride } = this.levels[level];
    const palette = level ? this.palette : this.first;
    let any = 0;
    for (let row = 0, at = 0; row < height; row++) {
      let from = (top + row) * stride + left;
      for (const end = at + width; at < end; at++) any |= pixels[at] = palette[values[from++]];
    }
    return any !== 0;
  }
}

/** False positives are hatched in black: told from false negatives, and from grey, by those who see no hue. */
const HATCH = 0xff000000;
/** @param {number} diagonal row and column together */
const isHatched = (diagonal) => diagonal % 7 === 1;

/** Where a drawing and the truth disagree: false negatives and false positives. */
export class ErrorMipmap {
  /**
   * @param {GreyMipmap} drawing
   * @param {GreyMipmap} truth of the same size
   * @param {string} falseNegative `#rrggbb`
   * @param {string} falsePositive
   */
  constructor(drawing, truth, falseNegative, falsePositive) {
    this.drawing = drawing;
    this.truth = truth;
    this.colours = [falseNegative, falsePositive].map((colour) => pixelOf(colour, 255));
    this.hatched = [this.colours[0], HATCH];
    this.levels = drawing.levels.map(({ height, width }) => ({ height, width }));
    /** Halved copies of both kinds; that of the map itself follows from drawing and truth. @type {Level[][]} */
    this.kinds = [0, 1].map(() => drawing.levels.map(({ height, width }, level) => emptyLevel(level && height, width)));
    this.update([0, 0, this.levels[0].height, this.levels[0].width]);
  }

  /** @param {Region} region of the map that has changed */
  update(region) {
    for (let level = 1; level < this.levels.length; level++) {
      const part = within(region, level);
      if (level === 1) this.#compare(part);
      else for (const kind of this.kinds) halve(kind[level - 1], kind[level], part, SOFT);
    }
  }

  /** Count errors among four pixels each. @param {Region} part */
  #compare([top, left, height, width]) {
    const [{ values: drawn, width: stride, height: rows }] = this.drawing.levels;
    const [{ values: true_ }] = this.truth.levels;
    const [falseNegative, falsePositive] = this.kinds.map((kind) => kind[1].values);
    /** @param {number} at */
    const differs = (at) => (true_[at] >> 7) - (drawn[at] >> 7);
    const across = this.levels[1].width;
    for (let row = top; row < top + height; row++) {
      const upper = 2 * row * stride;
      const lower = Math.min(2 * row + 1, rows - 1) * stride;
      for (let column = left; column < left + width; column++) {
        const right = Math.min(2 * column + 1, stride - 1);
        const [a, b] = [differs(upper + 2 * column), differs(upper + right)];
        const [c, d] = [differs(lower + 2 * column), differs(lower + right)];
        const lost = Number(a > 0) + Number(b > 0) + Number(c > 0) + Number(d > 0);
        const extra = Number(a < 0) + Number(b < 0) + Number(c < 0) + Number(d < 0);
        falseNegative[row * across + column] = (lost * 255 + 2) >> 2;
        falsePositive[row * across + column] = (extra * 255 + 2) >> 2;
      }
    }
  }

  /** As of `GreyMipmap`. @param {number} level @param {Region} region @param {Uint32Array} pixels */
  paint(level, region, pixels) {
    return level ? this.#paintCopy(level, region, pixels) : this.#paintMap(region, pixels);
  }

  /** @param {Region} region @param {Uint32Array} pixels */
  #paintMap([top, left, height, width], pixels) {
    const [{ values: drawn, width: stride }] = this.drawing.levels;
    const [{ values: true_ }] = this.truth.levels;
    const [falseNegative, falsePositive] = this.colours;
    const colours = [falsePositive, 0, falseNegative];
    let any = 0;
    for (let row = 0, at = 0; row < height; row++) {
      let from = (top + row) * stride + left;
      for (let hatch = top + row + left, end = at + width; at < end; at++, from++, hatch++) {
        const sign = (true_[from] >> 7) - (drawn[from] >> 7);
        any |= pixels[at] = sign < 0 && isHatched(hatch) ? HATCH : colours[1 + sign];
      }
    }
    return any !== 0;
  }

  /** @param {number} level @param {Region} region @param {Uint32Array} pixels */
  #paintCopy(level, [top, left, height, width], pixels) {
    const [falseNegative, falsePositive] = this.kinds.map((kind) => kind[level].values);
    const stride = this.levels[level].width;
    let any = false;
    for (let row = 0, at = 0; row < height; row++) {
      let from = (top + row) * stride + left;
      for (let hatch = top + row + left, end = at + width; at < end; at++, from++, hatch++) {
        const [lost, extra] = [falseNegative[from], falsePositive[from]];
        pixels[at] = lost + extra ? mixed(isHatched(hatch) ? this.hatched : this.colours, lost, extra) : 0;
        any ||= pixels[at] !== 0;
      }
    }
    return any;
  }
}

/**
 * Mix two opaque pixels by their shares in [0, 255], whose sum becomes the alpha.
 *
 * @param {number[]} pixels @param {number} share @param {number} rest
 */
function mixed([one, other], share, rest) {
  const alpha = Math.min(share + rest, 255);
  let pixel = alpha << 24;
  for (const shift of [0, 8, 16]) {
    const sum = ((one >> shift) & 255) * share + ((other >> shift) & 255) * rest;
    pixel |= Math.round(sum / (share + rest)) << shift;
  }
  return pixel >>> 0;
}

/** @param {number} height @param {number} width @returns {Level} */
function emptyLevel(height, width) {
  return { height, width, values: new Uint8Array(height * width) };
}

/** @param {Level} level */
function halfOf({ height, width }) {
  return emptyLevel(Math.ceil(height / 2), Math.ceil(width / 2));
}

/**
 * The pixels of a copy that hold a region of the map.
 *
 * @param {Region} region
 * @param {number} level
 * @returns {Region}
 */
export function within([top, left, height, width], level) {
  const size = 2 ** level;
  const [first, start] = [Math.floor(top / size), Math.floor(left / size)];
  return [first, start, Math.ceil((top + height) / size) - first, Math.ceil((left + width) / size) - start];
}

/**
 * Fill a part of the halved copy; at an odd edge, a pixel is the mean of what there is.
 *
 * @param {Level} source @param {Level} target @param {Region} region of the target
 * @param {Uint8Array} shown what each value of the source is taken for
 */
function halve(source, target, [top, left, height, width], shown) {
  const { values, width: stride } = source;
  for (let row = top; row < top + height; row++) {
    const upper = 2 * row * stride;
    const lower = Math.min(2 * row + 1, source.height - 1) * stride;
    for (let column = left; column < left + width; column++) {
      const start = 2 * column;
      const end = Math.min(start + 1, stride - 1);
      const sum =
        shown[values[upper + start]] +
        shown[values[upper + end]] +
        shown[values[lower + start]] +
        shown[values[lower + end]];
      target.values[row * target.width + column] = (sum + 2) >> 2;
    }
  }
}
