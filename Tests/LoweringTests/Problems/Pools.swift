extension OpProblem {
  private static func pool(
    _ op: String, _ what: String, _ x: [Int], _ attributes: [String: AttributeLiteral] = [:]
  ) -> OpProblem {
    OpProblem("\(op) \(x) \(what)") { g in [try g.node(op, [g.image(x)], attributes)] }
  }

  static let pools: [OpProblem] =
    ["MaxPool", "AveragePool"].flatMap { op in
      [
        pool(op, "halving", [1, 16, 8, 8], ["kernel_shape": [2, 2], "strides": [2, 2]]),
        pool(op, "odd", [2, 5, 9, 7], ["kernel_shape": [3, 2], "strides": [2, 1]]),
        pool(
          op, "pads", [1, 17, 9, 9],
          ["kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]]),
        pool(
          op, "asymmetric pads", [1, 24, 8, 7],
          ["kernel_shape": [3, 3], "strides": [2, 2], "pads": [0, 1, 2, 0]]),
        pool(
          op, "ceiling", [1, 16, 8, 10],
          ["kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1]),
        pool(
          op, "ceiling with pads", [1, 5, 6, 6],
          ["kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "ceil_mode": 1]),
        pool(
          op, "same upper", [1, 16, 7, 8], ["kernel_shape": [3, 3], "auto_pad": "SAME_UPPER"]),
        pool(
          op, "same lower", [1, 16, 7, 8],
          ["kernel_shape": [2, 2], "strides": [2, 2], "auto_pad": "SAME_LOWER"]),
        pool(
          op, "dilations", [1, 6, 9, 9], ["kernel_shape": [2, 2], "dilations": [3, 2]]),
        pool(op, "whole", [1, 33, 5, 6], ["kernel_shape": [5, 6]]),
        pool(op, "sequence", [2, 17, 15], ["kernel_shape": [4], "strides": [3], "pads": [1, 2]]),
        pool(
          op, "volume", [1, 5, 4, 6, 6],
          ["kernel_shape": [2, 3, 3], "strides": [2, 2, 2], "pads": [0, 1, 1, 0, 1, 1]]),
      ]
    } + [
      pool(
        "MaxPool", "wide windows", [1, 17, 9, 8],
        ["kernel_shape": [7, 5], "pads": [3, 2, 3, 2]]),
      pool(
        "MaxPool", "wide windows in steps", [1, 16, 14, 13],
        ["kernel_shape": [5, 5], "strides": [2, 3], "pads": [2, 2, 1, 2]]),
      pool(
        "MaxPool", "channels as depth", [1, 1, 12, 6, 19],
        ["kernel_shape": [1, 3, 3], "strides": [4, 1, 2]]),
      pool(
        "MaxPool", "wide rows", [1, 2, 8, 33], ["kernel_shape": [4, 4], "pads": [1, 2, 1, 0]]),
      pool(
        "AveragePool", "counting pads", [1, 17, 6, 6],
        ["kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": 1]),
      pool(
        "AveragePool", "counting pads, ceiling", [1, 16, 6, 7],
        [
          "kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "count_include_pad": 1,
          "ceil_mode": 1,
        ]),
      pool("GlobalAveragePool", "", [2, 17, 5, 7]),
      pool("GlobalAveragePool", "sequence", [1, 16, 9]),
      pool("GlobalMaxPool", "", [1, 24, 5, 7]),
      pool("GlobalMaxPool", "volume", [1, 5, 3, 4, 5]),
    ]
}
