/** Decodes 8-bit grey pictures from the server into bytes. */

const ROWS_AT_ONCE = 512; // so that a large map never lies in memory as RGBA a second time

/**
 * Decode an 8-bit grey picture.
 *
 * @param {Blob} blob a PNG
 * @returns {Promise<{height: number, width: number, values: Uint8Array}>} values in [0, 255], row by row
 */
export async function decodeGrey(blob) {
  const picture = await decodeImage(blob);
  const { height, width } = picture;
  const values = new Uint8Array(height * width);
  const rows = Math.min(ROWS_AT_ONCE, height);
  const canvas = new OffscreenCanvas(width, rows);
  const context = readableContext(canvas);
  for (let top = 0; top < height; top += rows) {
    if (top) await nextTask();
    context.drawImage(picture, 0, -top);
    const { data } = context.getImageData(0, 0, width, Math.min(rows, height - top));
    for (let at = top * width, from = 0; from < data.length; from += 4) values[at++] = data[from];
  }
  picture.close();
  return { height, width, values };
}

/**
 * Decode a picture off the page's thread, its values untouched by colour profiles.
 *
 * @param {Blob} blob
 * @returns {Promise<ImageBitmap>}
 */
export function decodeImage(blob) {
  return createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
}

/**
 * @param {OffscreenCanvas} canvas whose pixels are going to be read
 * @returns {OffscreenCanvasRenderingContext2D}
 */
export function readableContext(canvas) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error(`No memory for a canvas of ${canvas.width} x ${canvas.height} pixels.`);
  context.globalCompositeOperation = "copy";
  return context;
}

/** Let the browser draw and answer before going on. */
export function nextTask() {
  return new Promise((go) => setTimeout(go));
}
