import IR

extension OpCatalog {
  static let classicalLearning: [any Op.Type] = [
    ArrayFeatureExtractor.self,
    Binarizer.self,
    CastMap.self,
    DictVectorizer.self,
    FeatureVectorizer.self,
    Imputer.self,
    LabelEncoder.self,
    LinearClassifier.self,
    LinearRegressor.self,
    Normalizer.self,
    OneHotEncoder.self,
    SVMClassifier.self,
    SVMRegressor.self,
    Scaler.self,
    TreeEnsemble.self,
    TreeEnsembleClassifier.self,
    TreeEnsembleRegressor.self,
    ZipMap.self,
  ]
}
