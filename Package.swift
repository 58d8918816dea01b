// swift-tools-version: 6.2
import PackageDescription

/// Where Debian's `llvm-19-dev` puts headers and libraries; `LLVM_PREFIX` selects another installation.
let llvm = Context.environment["LLVM_PREFIX"] ?? "/usr/lib/llvm-19"

/// Every target is built in Swift 6 mode with warnings as errors and explicit imports.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
/// Modules that own no foreign memory also promise memory safety.
let safe = strict + [.strictMemorySafety()]
let llvmHeaders: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-I\(llvm)/include"])]
let math: [LinkerSetting] = [.linkedLibrary("m")]

let package = Package(
  name: "Martlet",
  products: [
    .library(name: "Martlet", targets: ["Martlet"]),
    .executable(name: "martlet", targets: ["CLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
  ],
  targets: [
    // Level 0 and 1: what everything speaks of.
    .target(name: "Diagnostics", swiftSettings: safe),
    .target(
      name: "Tensors", dependencies: ["Diagnostics"], swiftSettings: strict, linkerSettings: math),

    // Level 1 as well: pictures, which an operator decodes too.
    .target(
      name: "CImages",
      linkerSettings: ["jpeg", "openjp2", "png", "tiff", "webp"].map { .linkedLibrary($0) }),
    .target(
      name: "Images", dependencies: ["CImages", "Diagnostics"], swiftSettings: strict),

    // Level 2: the two representations.
    .target(name: "IR", dependencies: ["Diagnostics", "Tensors"], swiftSettings: safe),
    .target(name: "Loops", dependencies: ["Diagnostics", "Tensors"], swiftSettings: safe),

    // Level 3: what operators mean, and how graphs are rewritten.
    .target(
      name: "Ops", dependencies: ["Diagnostics", "Images", "Tensors", "IR"], swiftSettings: safe,
      linkerSettings: math),
    .target(
      name: "PassManager", dependencies: ["Diagnostics", "Tensors", "IR"], swiftSettings: safe),

    // Level 4: nobody here imports a neighbour.
    .target(
      name: "COnnx",
      cxxSettings: [.define("ONNX_ML", to: "1"), .define("ONNX_NAMESPACE", to: "onnx")],
      linkerSettings: [
        .linkedLibrary("onnx_proto"), .linkedLibrary("protobuf"),
      ]),
    .target(
      name: "ONNXFrontend", dependencies: ["COnnx", "Diagnostics", "Tensors", "IR", "Ops"],
      swiftSettings: strict),
    .target(
      name: "Interpreter", dependencies: ["Diagnostics", "Tensors", "IR", "Ops"],
      swiftSettings: safe),
    .target(
      name: "Passes", dependencies: ["Diagnostics", "Tensors", "IR", "Ops", "PassManager"],
      path: "Passes", swiftSettings: safe, linkerSettings: math),
    .target(
      name: "Lowering", dependencies: ["Diagnostics", "Tensors", "IR", "Loops", "Ops"],
      swiftSettings: safe, linkerSettings: math),
    .systemLibrary(name: "CLLVM"),
    .target(
      name: "CTargetParser", cxxSettings: [.unsafeFlags(["-I\(llvm)/include"])],
      linkerSettings: [.linkedLibrary("LLVM-19")]),
    .target(
      name: "LLVMBackend",
      dependencies: ["CLLVM", "CTargetParser", "Diagnostics", "Tensors", "Loops"],
      swiftSettings: strict + llvmHeaders,
      linkerSettings: [.unsafeFlags(["-L\(llvm)/lib"]), .linkedLibrary("LLVM-19")]),
    .target(
      name: "CRuntime",
      exclude: ["artefact"],
      cSettings: [.unsafeFlags(["-O2"])],
      linkerSettings: [.linkedLibrary("pthread")] + math),
    .target(name: "RuntimeSources", dependencies: ["CRuntime"], swiftSettings: safe),

    // Level 5: what decides.
    .target(
      name: "Calibration", dependencies: ["Diagnostics", "Tensors", "IR"], swiftSettings: safe,
      linkerSettings: math),
    .target(
      name: "Compression",
      dependencies: [
        "Calibration", "Diagnostics", "Tensors", "IR", "Ops", "PassManager", "Passes",
      ],
      swiftSettings: safe, linkerSettings: math),

    // Level 6 and 7: where the branches meet.
    .systemLibrary(name: "CZip"),
    .target(
      name: "Martlet",
      dependencies: [
        "CZip", "Diagnostics", "Images", "Tensors", "IR", "Loops", "Ops", "PassManager",
        "ONNXFrontend",
        "Interpreter",
        "Calibration", "Passes", "Compression", "Lowering", "LLVMBackend", "CRuntime",
        "RuntimeSources",
        .product(name: "SwiftCSV", package: "SwiftCSV"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict + llvmHeaders),
    .target(
      name: "TestSupport", dependencies: ["Diagnostics", "Tensors", "IR", "Loops", "ONNXFrontend"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .target(
      name: "GraphFuzzing",
      dependencies: [
        "TestSupport", "Diagnostics", "Tensors", "IR", "Interpreter", "LLVMBackend", "Loops",
        "Martlet", "ONNXFrontend", "Ops",
      ],
      path: "Tests/GraphFuzzing", swiftSettings: strict + llvmHeaders),
    .executableTarget(
      name: "CLI",
      dependencies: [
        "Calibration", "Martlet", "Diagnostics", "Images", "Tensors", "IR",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict + llvmHeaders),

    .executableTarget(
      name: "martlet-dev",
      dependencies: [
        "GraphFuzzing", "TestSupport", "Diagnostics", "Tensors", "IR", "Interpreter", "Martlet",
        "ONNXFrontend", "PassManager", "Passes",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/DeveloperTools", swiftSettings: strict + llvmHeaders),

    // Tests, alphabetical.
    .testTarget(
      name: "CalibrationTests",
      dependencies: ["Calibration", "Diagnostics", "Tensors", "IR", "Interpreter", "Ops"],
      swiftSettings: strict),
    .target(
      name: "CRuntimeTestSupport", dependencies: ["CRuntime"], path: "Tests/CRuntimeTestSupport"),
    .testTarget(
      name: "CLITests", dependencies: ["CLI", "ImageTestSupport", "Images", "Martlet", "Tensors"],
      swiftSettings: strict + llvmHeaders),
    .testTarget(
      name: "CompressionTests",
      dependencies: [
        "Calibration", "Compression", "Diagnostics", "IR", "Interpreter", "Ops", "PassManager",
        "Passes", "Tensors",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CRuntimeTests", dependencies: ["CRuntime", "CRuntimeTestSupport", "RuntimeSources"],
      exclude: ["Programs"],
      swiftSettings: strict),
    .testTarget(
      name: "GoldenTests",
      dependencies: [
        "Diagnostics", "Tensors", "IR", "Interpreter", "Ops", "PassManager", "Passes",
      ],
      exclude: ["Cases"], swiftSettings: strict),
    .testTarget(
      name: "GraphFuzzingTests",
      dependencies: ["GraphFuzzing", "Interpreter", "IR", "Ops", "Tensors", "TestSupport"],
      exclude: ["Cases"], swiftSettings: strict + llvmHeaders),
    .testTarget(
      name: "IRTests", dependencies: ["Diagnostics", "Tensors", "IR", "Ops"],
      swiftSettings: strict),
    .testTarget(
      name: "LLVMBackendTests",
      dependencies: ["LLVMBackend", "CLLVM", "CRuntime", "Diagnostics", "Loops", "Tensors"],
      swiftSettings: strict + llvmHeaders),
    .testTarget(
      name: "LoopsTests", dependencies: ["Diagnostics", "Loops", "Tensors"], swiftSettings: strict),
    .testTarget(
      name: "LoweringTests",
      dependencies: [
        "TestSupport", "Diagnostics", "Tensors", "IR", "Interpreter", "LLVMBackend", "Loops",
        "Lowering", "Martlet", "ONNXFrontend", "Ops",
      ],
      swiftSettings: strict + llvmHeaders),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "TestSupport", "Diagnostics", "Tensors", "IR", "Interpreter", "ONNXFrontend", "martlet-dev",
      ],
      exclude: ["constants.txt", "node.txt", "operators.txt", "symbolic.txt"], swiftSettings: strict
    ),
    .target(name: "ImageTestSupport", path: "Tests/ImageTestSupport"),
    .testTarget(
      name: "MartletTests",
      dependencies: [
        "Calibration", "CZip", "ImageTestSupport", "Images", "Martlet", "Diagnostics", "Tensors",
        "IR",
      ],
      swiftSettings: strict + llvmHeaders),
    .testTarget(
      name: "ONNXFrontendTests",
      dependencies: [
        "TestSupport", "COnnx", "Diagnostics", "Tensors", "IR", "Interpreter", "ONNXFrontend",
        "martlet-dev",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "OpsTests",
      dependencies: ["TestSupport", "Diagnostics", "Tensors", "IR", "Lowering", "Ops"],
      swiftSettings: strict),
    .testTarget(
      name: "ZooTests",
      dependencies: ["TestSupport", "Diagnostics", "Tensors", "IR", "Interpreter", "Martlet"],
      swiftSettings: strict + llvmHeaders),
  ]
)
