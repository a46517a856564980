/* Activations of four values at once, accurate to a few units in the last place. */

/** In the order of `fusedActivations` in src/core/model/topology/tape/recurrent.ts. */
const linear: u32 = 0;
const tanh: u32 = 1;
const sigmoid: u32 = 2;
const relu: u32 = 3;
const hardSigmoid: u32 = 4;
const hardSigmoid6: u32 = 5;

export function activate(kind: u32, x: v128): v128 {
  switch (kind) {
    case tanh: return tanhOf(x);
    case sigmoid: return sigmoidOf(x);
    case relu: return f32x4.max(x, f32x4.splat(0));
    case hardSigmoid: return hardSigmoidOf(x, 0.2);
    case hardSigmoid6: return hardSigmoidOf(x, 1.0 / 6.0);
    default: return x;
  }
}

/** The derivative where the activation has the value y. */
export function slope(kind: u32, y: v128): v128 {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  switch (kind) {
    case tanh: return f32x4.sub(one, f32x4.mul(y, y));
    case sigmoid: return f32x4.mul(y, f32x4.sub(one, y));
    case relu: return v128.and(one, f32x4.gt(y, zero));
    case hardSigmoid:
    case hardSigmoid6: {
      const within = v128.and(f32x4.gt(y, zero), f32x4.lt(y, one));
      return v128.and(f32x4.splat(kind == hardSigmoid ? 0.2 : 1.0 / 6.0), within);
    }
    default: return one;
  }
}

function hardSigmoidOf(x: v128, slope: f32): v128 {
  const line = f32x4.add(f32x4.mul(x, f32x4.splat(slope)), f32x4.splat(0.5));
  return f32x4.min(f32x4.max(line, f32x4.splat(0)), f32x4.splat(1));
}

/**
 * e to the power of x: 2ⁿ times a polynomial of what is left of x (Cephes, expf:
 * https://www.netlib.org/cephes/).
 */
@inline
function exponential(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88)), f32x4.splat(-87));
  const power = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  let rest = f32x4.sub(x, f32x4.mul(power, f32x4.splat(0.693359375)));
  rest = f32x4.add(rest, f32x4.mul(power, f32x4.splat(2.12194440e-4)));
  let sum = f32x4.splat(1.9875691500e-4);
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(1.3981999507e-3));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(8.3334519073e-3));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(4.1665795894e-2));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(1.6666665459e-1));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(5.0000001201e-1));
  sum = f32x4.mul(f32x4.mul(sum, rest), rest);
  sum = f32x4.add(f32x4.add(sum, rest), f32x4.splat(1));
  const exponent = i32x4.add(i32x4.trunc_sat_f32x4_s(power), i32x4.splat(127));
  return f32x4.mul(sum, i32x4.shl(exponent, 23));
}

function sigmoidOf(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exponential(f32x4.neg(x))));
}

/** Near zero a polynomial, where the quotient would lose its last places (Cephes, tanhf). */
function tanhOf(x: v128): v128 {
  const one = f32x4.splat(1);
  const square = f32x4.mul(x, x);
  let near = f32x4.splat(-5.70498872745e-3);
  near = f32x4.add(f32x4.mul(near, square), f32x4.splat(2.06390887954e-2));
  near = f32x4.add(f32x4.mul(near, square), f32x4.splat(-5.37397155531e-2));
  near = f32x4.add(f32x4.mul(near, square), f32x4.splat(1.33314422036e-1));
  near = f32x4.add(f32x4.mul(near, square), f32x4.splat(-3.33332819422e-1));
  near = f32x4.add(f32x4.mul(f32x4.mul(near, square), x), x);
  const size = f32x4.abs(x);
  const doubled = exponential(f32x4.add(size, size));
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(doubled, one)));
  const signed = v128.or(far, v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(near, signed, f32x4.lt(size, f32x4.splat(0.625)));
}
