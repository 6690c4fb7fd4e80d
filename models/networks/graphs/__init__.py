"""Networks as ONNX graphs, written node by node from their weights: no torch is loaded where they run."""
