"""What learns, what judges and what searches."""

import os

# onnxruntime 1.32 writes an id of the machine into the user's cache and sends events to its maker unless told
# not to, before it is imported. Worker processes inherit this.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__distribution__ = "newwave-cli"
