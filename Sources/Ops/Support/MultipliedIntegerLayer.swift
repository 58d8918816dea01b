package import IR

/// A layer of bytes less their zero points whose sums of 32 bits become floats by a multiplier.
///
/// Inputs: image or rows, weights, their zero points, the multiplier (input 4), an i32 bias (input 5).
package protocol MultipliedIntegerLayer: Op {}
