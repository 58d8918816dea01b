import IR

extension OpProblem {
  /// `Conv` of `x[N, C, ...]` with `w[M, C/group, ...]`.
  private static func conv(
    _ what: String, _ x: [Int], _ w: [Int], _ attributes: [String: AttributeLiteral] = [:],
    bias: Bool = true, computedWeights: Bool = false
  ) -> OpProblem {
    // What minimal filtering may compute has its tolerance.
    let isFiltering = w.count == 4 && w[2...] == [3, 3] && attributes["strides"] == nil
    return OpProblem(
      "Conv \(x)\(w) \(what)", tolerance: isFiltering ? .minimalFiltering : nil
    ) { g in
      let image = g.image(x)
      let weights = computedWeights ? g.input(w, fixed: Set(w.indices)) : g.weight(w)
      var inputs: [ValueID?] = [image, weights]
      if bias { inputs.append(g.weight([w[0]])) }
      return [try g.node("Conv", inputs, attributes)]
    }
  }

  /// `ConvTranspose` of `x[N, C, ...]` with `w[C, M/group, ...]`.
  private static func transposed(
    _ what: String, _ x: [Int], _ w: [Int], _ attributes: [String: AttributeLiteral] = [:],
    bias: Bool = true, group: Int = 1
  ) -> OpProblem {
    OpProblem("ConvTranspose \(x)\(w) \(what)") { g in
      var inputs: [ValueID?] = [g.image(x), g.weight(w)]
      if bias { inputs.append(g.weight([w[1] * group])) }
      return [try g.node("ConvTranspose", inputs, attributes)]
    }
  }

  static let convolutions: [OpProblem] = [
    // Two dimensions, channels that do not fill blocks.
    conv("plain", [1, 3, 9, 8], [5, 3, 3, 3]),
    conv("no bias", [2, 17, 7, 6], [24, 17, 3, 3], bias: false),
    conv("same", [1, 24, 7, 9], [33, 24, 3, 3], ["pads": [1, 1, 1, 1]]),
    conv("asymmetric pads", [1, 5, 8, 8], [17, 5, 3, 3], ["pads": [0, 1, 2, 3]]),
    conv("strides", [1, 3, 11, 13], [16, 3, 3, 3], ["strides": [2, 3], "pads": [1, 1, 1, 1]]),
    conv("stem", [1, 3, 20, 20], [32, 3, 7, 7], ["strides": [2, 2], "pads": [3, 3, 3, 3]]),
    conv("strides without pads", [1, 33, 9, 9], [17, 33, 2, 2], ["strides": [2, 2]]),
    conv(
      "dilations", [1, 8, 12, 11], [16, 8, 3, 3], ["dilations": [2, 3], "pads": [2, 3, 2, 3]]),
    conv(
      "dilations wider than the image", [1, 16, 7, 9], [24, 16, 3, 3],
      ["dilations": [16, 20], "pads": [16, 20, 16, 20]]),
    conv(
      "dilations of many phases", [1, 16, 25, 30], [16, 16, 3, 3],
      ["dilations": [12, 12], "pads": [12, 12, 12, 12]]),
    conv("one by seven", [1, 16, 8, 17], [24, 16, 1, 7], ["pads": [0, 3, 0, 3]]),
    conv("seven by one", [1, 16, 17, 8], [24, 16, 7, 1], ["pads": [3, 0, 3, 0]]),
    conv("larger than the input", [1, 4, 3, 3], [6, 4, 5, 5], ["pads": [2, 2, 2, 2]]),
    conv("all in the padding", [1, 4, 2, 2], [16, 4, 3, 3], ["pads": [3, 3, 3, 3]]),
    conv(
      "same upper", [1, 16, 9, 10], [16, 16, 3, 3], ["auto_pad": "SAME_UPPER", "strides": [2, 2]]),
    conv("same lower", [1, 16, 9, 10], [16, 16, 4, 4], ["auto_pad": "SAME_LOWER"]),
    conv("batch", [3, 16, 6, 6], [32, 16, 3, 3], ["pads": [1, 1, 1, 1]]),
    conv("computed weights", [1, 5, 6, 6], [7, 5, 3, 3], bias: false, computedWeights: true),
    conv("one channel", [1, 1, 8, 8], [1, 1, 3, 3]),
    // Pointwise.
    conv("pointwise", [1, 24, 7, 7], [33, 24, 1, 1]),
    conv("pointwise, full blocks", [1, 32, 14, 14], [64, 32, 1, 1]),
    conv("pointwise, odd", [2, 5, 3, 3], [17, 5, 1, 1], bias: false),
    conv("pointwise, strides", [1, 16, 9, 9], [24, 16, 1, 1], ["strides": [2, 2]]),
    conv("pointwise, pads", [1, 16, 5, 5], [16, 16, 1, 1], ["pads": [1, 0, 1, 2]]),
    conv("pointwise on one pixel", [1, 33, 1, 1], [24, 33, 1, 1]),
    // Groups.
    conv("groups, unaligned", [1, 6, 7, 7], [9, 2, 3, 3], ["group": 3, "pads": [1, 1, 1, 1]]),
    conv("groups, aligned", [1, 32, 7, 7], [64, 16, 3, 3], ["group": 2, "pads": [1, 1, 1, 1]]),
    conv("groups, inputs aligned", [1, 32, 6, 6], [34, 16, 3, 3], ["group": 2]),
    conv("groups, outputs aligned", [1, 34, 6, 6], [32, 17, 1, 1], ["group": 2]),
    conv(
      "an odd number of groups", [2, 40, 7, 6], [40, 8, 3, 3],
      ["group": 5, "strides": [2, 2], "pads": [1, 1, 1, 1]]),
    conv("many groups", [1, 48, 6, 6], [48, 8, 3, 3], ["group": 6, "pads": [1, 1, 1, 1]]),
    // One channel per group.
    conv("depthwise", [1, 16, 9, 9], [16, 1, 3, 3], ["group": 16, "pads": [1, 1, 1, 1]]),
    conv("depthwise, odd", [2, 17, 8, 7], [17, 1, 3, 3], ["group": 17, "strides": [2, 2]]),
    conv("depthwise, five", [1, 5, 8, 8], [5, 1, 5, 5], ["group": 5, "pads": [2, 2, 2, 2]]),
    conv(
      "depthwise, strides", [1, 33, 11, 12], [33, 1, 5, 5],
      ["group": 33, "strides": [2, 2], "pads": [2, 1, 2, 3]]),
    conv(
      "depthwise, dilations", [1, 24, 12, 12], [24, 1, 3, 3],
      ["group": 24, "dilations": [2, 2], "pads": [2, 2, 2, 2]], bias: false),
    conv("channel multiplier", [1, 8, 7, 7], [16, 1, 3, 3], ["group": 8, "pads": [1, 1, 1, 1]]),
    conv("channel multiplier, aligned", [1, 16, 5, 5], [48, 1, 3, 3], ["group": 16]),
    conv("depthwise pointwise", [1, 20, 5, 5], [20, 1, 1, 1], ["group": 20]),
    // One and three dimensions.
    conv("sequence", [2, 5, 20], [17, 5, 3], ["pads": [1, 1]]),
    conv("sequence, strides", [1, 16, 21], [24, 16, 5], ["strides": [3], "dilations": [2]]),
    conv("sequence, depthwise", [1, 24, 19], [24, 1, 4], ["group": 24, "pads": [3, 0]]),
    conv("sequence, pointwise", [3, 16, 11], [17, 16, 1]),
    conv("volume", [1, 3, 5, 6, 7], [17, 3, 3, 3, 3], ["pads": [1, 1, 1, 1, 1, 1]]),
    conv(
      "volume, strides", [1, 16, 6, 7, 7], [16, 16, 1, 3, 3],
      ["strides": [1, 2, 2], "pads": [0, 1, 1, 0, 1, 1]]),
    conv("volume, pointwise", [1, 8, 3, 4, 5], [24, 8, 1, 1, 1]),
    conv("volume, depthwise", [1, 5, 4, 5, 6], [5, 1, 2, 3, 3], ["group": 5]),
    conv("volume, dilations", [1, 5, 7, 7, 7], [5, 5, 3, 3, 3], ["dilations": [2, 2, 2]]),
  ]

  static let transposedConvolutions: [OpProblem] = [
    transposed("plain", [1, 3, 5, 6], [3, 5, 3, 3]),
    transposed("doubling", [1, 16, 5, 5], [16, 8, 2, 2], ["strides": [2, 2]]),
    transposed("doubling, odd", [2, 17, 4, 5], [17, 5, 2, 2], ["strides": [2, 2]], bias: false),
    transposed(
      "overlap", [1, 24, 5, 5], [24, 17, 4, 4], ["strides": [2, 2], "pads": [1, 1, 1, 1]]),
    transposed("stride over kernel", [1, 5, 4, 4], [5, 16, 2, 2], ["strides": [3, 3]]),
    transposed(
      "output padding", [1, 16, 5, 5], [16, 16, 3, 3],
      ["strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]]),
    transposed(
      "asymmetric pads", [1, 5, 6, 6], [5, 7, 4, 3], ["strides": [2, 1], "pads": [0, 1, 2, 0]]),
    transposed("dilations", [1, 4, 5, 5], [4, 6, 3, 3], ["dilations": [2, 2]]),
    transposed("groups", [1, 6, 5, 5], [6, 2, 3, 3], ["group": 3, "strides": [2, 2]], group: 3),
    transposed(
      "depthwise", [1, 16, 5, 5], [16, 1, 4, 4], ["group": 16, "strides": [2, 2]], group: 16),
    transposed("pointwise", [1, 16, 4, 4], [16, 24, 1, 1]),
    transposed("sequence", [2, 5, 9], [5, 8, 4], ["strides": [2], "pads": [1, 1]]),
    transposed("volume", [1, 5, 3, 3, 4], [5, 4, 2, 2, 2], ["strides": [2, 2, 2]]),
    transposed(
      "same upper", [1, 4, 5, 5], [4, 4, 3, 3], ["auto_pad": "SAME_UPPER", "strides": [2, 2]]),
  ]
}
