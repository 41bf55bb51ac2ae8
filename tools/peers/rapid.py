"""Free RapidOCR as it comes, one thread, in an environment of its own: a picture's path a line in, its texts out."""

from __future__ import annotations

import json
import sys
import time

import cv2
from rapidocr import RapidOCR

cv2.setNumThreads(1)
engine = RapidOCR(
    params={
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Global.log_level": "critical",
    }
)
for line in sys.stdin:
    picture = cv2.imread(line.strip())
    started = time.process_time()
    found = engine(picture)
    print(json.dumps({"texts": list(found.txts or ()), "seconds": time.process_time() - started}), flush=True)
