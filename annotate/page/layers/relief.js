/** Relief: normals, shaded in the browser with a light that moves. */

import { decodeImage, readableContext } from "./decode.js";

const FLAT = 0.55; // brightness of a surface that faces the camera, wherever the light stands
const LOWEST = 0.2; // height of the light below which the picture is made no brighter

/** Lambertian brightness of every normal that a pixel can hold, for one direction of the light. */
export class Shading {
  constructor() {
    /** z of the normal with x = (index & 255) / 127.5 - 1 and y = (index >> 8) / 127.5 - 1 */
    this.heights = Float32Array.from({ length: 65536 }, (_, index) => {
      const [x, y] = [(index & 255) / 127.5 - 1, (index >> 8) / 127.5 - 1];
      return Math.sqrt(Math.max(0, 1 - x * x - y * y));
    });
    this.pixels = new Uint32Array(65536);
    this.version = 0;
    this.setLight(-0.5, -0.5);
  }

  /**
   * Turn the light. The exposure follows it: what faces the camera keeps its brightness.
   *
   * @param {number} x to the right, in [-1, 1]
   * @param {number} y downwards; (0, 0) is above the mirror, length 1 its horizon
   */
  setLight(x, y) {
    const length = Math.max(1, Math.hypot(x, y));
    const [across, down] = [x / length, y / length];
    const up = Math.sqrt(Math.max(0, 1 - across * across - down * down));
    const exposure = (255 * FLAT) / Math.max(up, LOWEST);
    for (let row = 0, index = 0; row < 256; row++) {
      const part = (row / 127.5 - 1) * down;
      for (let column = 0; column < 256; column++, index++) {
        const facing = (column / 127.5 - 1) * across + part + this.heights[index] * up;
        const grey = Math.max(0, Math.min(255, Math.round(facing * exposure)));
        this.pixels[index] = (0xff000000 | (grey * 0x010101)) >>> 0;
      }
    }
    this.version++;
  }
}

/** A tile of normals: its bytes, and the canvas that they were shaded on last. */
export class ReliefTile {
  /**
   * @param {Shading} shading
   * @param {ImageBitmap} bitmap red and green are x and y of the normals, [-1, 1] scaled to [0, 255]
   */
  constructor(shading, bitmap) {
    const { width, height } = bitmap;
    const source = readableContext(new OffscreenCanvas(width, height));
    source.drawImage(bitmap, 0, 0);
    bitmap.close();
    this.shading = shading;
    this.normals = Uint16Array.from(new Uint32Array(source.getImageData(0, 0, width, height).data.buffer));
    this.canvas = new OffscreenCanvas(width, height);
    this.context = /** @type {OffscreenCanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.version = 0;
  }

  /** @returns {{canvas: OffscreenCanvas}} shaded with the light as it is now */
  shaded() {
    if (this.version !== this.shading.version) {
      const picture = new ImageData(this.canvas.width, this.canvas.height);
      const pixels = new Uint32Array(picture.data.buffer);
      const shades = this.shading.pixels;
      for (let at = 0; at < pixels.length; at++) pixels[at] = shades[this.normals[at]];
      this.context.putImageData(picture, 0, 0);
      this.version = this.shading.version;
    }
    return this.context;
  }

  /** @param {Shading} shading @param {Blob} blob */
  static async of(shading, blob) {
    return new ReliefTile(shading, await decodeImage(blob));
  }
}
