"""What an encoder computes with: torch modules, front ends, weights on disk, text towers as ONNX."""
