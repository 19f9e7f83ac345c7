/**
 * Structural similarity of two pictures in shades of grey: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment"
 * (2004), with its window and constants. Our own, because the newest ssim.js was made with the tools of 2020; blind to colour.
 */

/** Brightness 0 to 255, row by row. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** An 11×11 Gaussian window of this width, moved pixel by pixel. */
const WINDOW = 11;
const SIGMA = 1.5;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Rows of windows at a time, so that a long page does not need 40 bytes a pixel. */
const BAND = 64;

/** Mean over all windows that lie wholly in the picture: 1 for equal ones, 0 for unrelated ones, negative for inverted ones. */
export function ssim(a: Grey, b: Grey): number {
  const window = Math.min(WINDOW, a.width, a.height);
  const kernel = gaussian(window);
  const rows = a.height - window + 1;
  let sum = 0;
  for (let top = 0; top < rows; top += BAND) {
    const bottom = Math.min(rows, top + BAND) + window - 1;
    sum += sumOf(band(a, top, bottom), band(b, top, bottom), a.width, kernel);
  }
  return sum / (rows * (a.width - window + 1));
}

const band = ({ width, data }: Grey, top: number, bottom: number): Float64Array =>
  Float64Array.from(data.subarray(top * width, bottom * width));

/** Of all windows in a band. */
function sumOf(a: Float64Array, b: Float64Array, width: number, kernel: Float64Array): number {
  const meanA = blurred(a, width, kernel);
  const meanB = blurred(b, width, kernel);
  const squareA = blurred(product(a, a), width, kernel);
  const squareB = blurred(product(b, b), width, kernel);
  const both = blurred(product(a, b), width, kernel);
  let sum = 0;
  for (let at = 0; at < meanA.length; at++) {
    const mA = meanA[at] ?? 0;
    const mB = meanB[at] ?? 0;
    const variances = (squareA[at] ?? 0) - mA * mA + (squareB[at] ?? 0) - mB * mB;
    const covariance = (both[at] ?? 0) - mA * mB;
    sum += ((2 * mA * mB + C1) * (2 * covariance + C2)) / ((mA * mA + mB * mB + C1) * (variances + C2));
  }
  return sum;
}

function product(x: Float64Array, y: Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  for (let at = 0; at < out.length; at++) out[at] = (x[at] ?? 0) * (y[at] ?? 0);
  return out;
}

function gaussian(size: number): Float64Array {
  const weights = Float64Array.from({ length: size }, (_, at) =>
    Math.exp(-((at - (size - 1) / 2) ** 2) / (2 * SIGMA ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** First along the rows, then along the columns: 22 multiplications a pixel instead of 121. Without the rim. */
function blurred(data: Float64Array, width: number, kernel: Float64Array): Float64Array {
  const height = data.length / width;
  const [columns, rows] = [width - kernel.length + 1, height - kernel.length + 1];
  const across = new Float64Array(columns * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += (kernel[k] ?? 0) * (data[y * width + x + k] ?? 0);
      across[y * columns + x] = sum;
    }
  const down = new Float64Array(columns * rows);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += (kernel[k] ?? 0) * (across[(y + k) * columns + x] ?? 0);
      down[y * columns + x] = sum;
    }
  return down;
}
