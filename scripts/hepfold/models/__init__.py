"""Kinds of model: preparation of features, networks, trees, images, ONNX."""
