import Loops
import Tensors

/// Kernels small enough to read that together use everything the loop IR can say.
enum SampleKernels {
  static func symbol(_ name: String) -> (Symbol, IndexExpr) {
    let symbol = Symbol(name)
    return (symbol, IndexExpr(symbol))
  }

  /// `y[m, n] = sum over k of x[m, k] * w[k, n]`, in tiles of `rows` by `blocks` vectors.
  static func matmulTile(
    rows: Int, blocks: Int, lanes: Int, m: Int, k: Int, steps: Int = 4
  ) -> Kernel {
    let n = blocks * lanes
    let x = Buffer(
      name: "x", base: .parameter(0), element: .f32, shape: [IndexExpr(m), IndexExpr(k)])
    let w = Buffer(
      name: "w", base: .parameter(1), element: .f32, shape: [IndexExpr(k), IndexExpr(n)])
    let y = Buffer(
      name: "y", base: .parameter(2), element: .f32, shape: [IndexExpr(m), IndexExpr(n)])
    let (row, rowIndex) = symbol("row")
    let (lane, laneIndex) = symbol("lane")
    let (kSymbol, kIndex) = symbol("k")
    let (step, stepIndex) = symbol("step")
    let (p, pIndex) = symbol("p")
    let (o, oIndex) = symbol("o")
    let acc = Registers("acc", .f32, [blocks, rows])
    let column = oIndex * IndexExpr(lanes) + laneIndex
    let weights = (0..<blocks).map { Local("w\($0)", .f32) }
    let value = Local("v", .f32)
    let multiply: [Statement] =
      (0..<blocks).map { block in
        .let(
          weights[block],
          .load(w, [kIndex + stepIndex, IndexExpr(block * lanes) + laneIndex]))
      } + [
        .loop(
          Loop(
            p, to: IndexExpr(rows), .unrolled,
            body: [.let(value, .load(x, [rowIndex + pIndex, kIndex + stepIndex]))]
              + (0..<blocks).map { block in
                .set(
                  acc, [IndexExpr(block), pIndex],
                  .fma(
                    .local(weights[block]), .local(value),
                    .register(acc, [IndexExpr(block), pIndex])))
              }))
      ]
    let body: [Statement] = [
      .registers(acc, initial: .float(0, .f32)),
      .loop(
        Loop(
          kSymbol, to: IndexExpr(k), step: steps,
          body: [.loop(Loop(step, to: IndexExpr(steps), .unrolled, body: multiply))])),
      .loop(
        Loop(
          o, to: IndexExpr(blocks), .unrolled,
          body: [
            .loop(
              Loop(
                p, to: IndexExpr(rows), .unrolled,
                body: [
                  .store(y, [rowIndex + pIndex, column], .register(acc, [oIndex, pIndex]))
                ]))
          ])),
    ]
    return Kernel(
      name: "matmul",
      parameters: [
        .init(x, isWritten: false), .init(w, isWritten: false), .init(y, isWritten: true),
      ],
      body: [
        .loop(
          Loop(
            row, to: IndexExpr(m), step: rows, .parallel,
            body: [.loop(Loop(lane, to: IndexExpr(lanes), .vector(lanes: lanes), body: body))]))
      ])
  }
}
