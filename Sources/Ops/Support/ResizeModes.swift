/// How Resize finds the input coordinate that an output position looks at.
package enum CoordinateTransformation: String, Sendable, Hashable, CaseIterable {
  case halfPixel = "half_pixel"
  case halfPixelSymmetric = "half_pixel_symmetric"
  case pytorchHalfPixel = "pytorch_half_pixel"
  case alignCorners = "align_corners"
  case asymmetric = "asymmetric"
  case tensorflowHalfPixel = "tf_half_pixel_for_nn"
  case cropAndResize = "tf_crop_and_resize"
}

/// What Resize does between input elements.
package enum InterpolationMode: String, Sendable, Hashable, CaseIterable {
  case nearest
  case linear
  case cubic
}

/// Which of two neighbours the nearest one is.
package enum NearestMode: String, Sendable, Hashable, CaseIterable {
  case roundPreferFloor = "round_prefer_floor"
  case roundPreferCeil = "round_prefer_ceil"
  case floor
  case ceil

  func position(_ x: Double) -> Double {
    switch self {
    case .roundPreferFloor: (x - 0.5).rounded(.up)
    case .roundPreferCeil: (x + 0.5).rounded(.down)
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    }
  }
}

/// What a given size means when the ratio of sides must stay.
package enum AspectRatioPolicy: String, Sendable, Hashable, CaseIterable {
  case stretch
  case notLarger = "not_larger"
  case notSmaller = "not_smaller"
}
