/** The gradient of max pooling over images [batch, rows, columns, channels]. */

@unmanaged
class Windows {
  batch: u32;
  channels: u32;
  inRows: i32;
  inColumns: i32;
  outRows: i32;
  outColumns: i32;
  rows: i32;
  columns: i32;
  strideRows: i32;
  strideColumns: i32;
  top: i32;
  left: i32;
}

/**
 * Adds each gradient of dy to the first largest input of its window; dx must be zeros before.
 * Windows without a number above −∞ (all NaN) pass nothing on.
 */
export function maxPoolGradient(at: usize, x: usize, dy: usize, dx: usize): void {
  const w = changetype<Windows>(at);
  const pixelBytes = <usize>w.channels * 4;
  const lineBytes = <usize>w.inColumns * pixelBytes;
  const imageBytes = <usize>w.inRows * lineBytes;
  const whole = pixelBytes & ~15;
  for (let image: u32 = 0; image < w.batch; image++, x += imageBytes, dx += imageBytes) {
    for (let outRow = 0; outRow < w.outRows; outRow++) {
      const top = outRow * w.strideRows - w.top;
      const firstRow = max(0, top);
      const endRow = min(w.inRows, top + w.rows);
      for (let outColumn = 0; outColumn < w.outColumns; outColumn++, dy += pixelBytes) {
        const left = outColumn * w.strideColumns - w.left;
        const firstColumn = max(0, left);
        const endColumn = min(w.inColumns, left + w.columns);
        let channel: usize = 0;
        for (; channel < whole; channel += 16) {
          let largest = f32x4.splat(-Infinity);
          let places = i32x4.splat(-1);
          for (let row = firstRow; row < endRow; row++) {
            let place = <usize>row * lineBytes + <usize>firstColumn * pixelBytes + channel;
            for (let column = firstColumn; column < endColumn; column++, place += pixelBytes) {
              const value = v128.load(x + place);
              const larger = f32x4.gt(value, largest);
              largest = v128.bitselect(value, largest, larger);
              places = v128.bitselect(i32x4.splat(<i32>place), places, larger);
            }
          }
          add(dx, i32x4.extract_lane(places, 0), 0, dy + channel);
          add(dx, i32x4.extract_lane(places, 1), 4, dy + channel);
          add(dx, i32x4.extract_lane(places, 2), 8, dy + channel);
          add(dx, i32x4.extract_lane(places, 3), 12, dy + channel);
        }
        for (; channel < pixelBytes; channel += 4) {
          let largest: f32 = -Infinity;
          let chosen: i32 = -1;
          for (let row = firstRow; row < endRow; row++) {
            let place = <usize>row * lineBytes + <usize>firstColumn * pixelBytes + channel;
            for (let column = firstColumn; column < endColumn; column++, place += pixelBytes) {
              const value = load<f32>(x + place);
              if (value > largest) {
                largest = value;
                chosen = <i32>place;
              }
            }
          }
          add(dx, chosen, 0, dy + channel);
        }
      }
    }
  }
}

@inline
function add(dx: usize, place: i32, lane: usize, dy: usize): void {
  // Addresses within one image: -1 is none.
  if (place == -1) return;
  const to = dx + <usize>place + lane;
  store<f32>(to, load<f32>(to) + load<f32>(dy + lane));
}
