"""What the mesh tells of a single picture of a face: eyes that are shut, a head that is turned, a mask or sunglasses.

Colours are compared within one picture, so skin and light of any kind are their own measure. Limits: docs/recognition.md.
"""

from __future__ import annotations

import cv2
import numpy as np

from webapp.adapters.vision.mesh import Mesh
from webapp.adapters.vision.pictures import Array
from webapp.ports.face_checker import FaceFault

SHUT = 0.1  # height of the eyes over their width; open ones have 0.2, narrowed ones 0.14
MOST_YAW, LEAST_PITCH, MOST_PITCH = 25.0, -12.0, 32.0  # degrees; a face that looks ahead has a pitch of about 9
PATCH = 0.035  # half a patch's side, of the face's width
SKIN = (230, 450, 6, 168, 193, 417)
"""Below the eyes and on the bridge of the nose: bare, even with a mask, a beard, a fringe or a hat."""
UNDER_MASK = (4, 164, 200, 18, 50, 280, 205, 425)
"""Tip of the nose, upper lip, chin, below the lower lip, cheeks. A beard leaves three of them free."""
UNDER_GLASSES = ((230, 50), (450, 280), (223, 50), (443, 280))
"""Around the eyes, each with the cheek below it."""
OTHER_COLOUR, OTHER_LIGHT, MOST_OF = 16.0, 0.45, 7
DARK_GLASSES = 0.25


def look_fault(picture: Array, mesh: Mesh) -> FaceFault | None:
    """The gravest fault of the largest face in a BGR picture that only its mesh shows, or None."""
    if abs(mesh.yaw) > MOST_YAW or not LEAST_PITCH <= mesh.pitch <= MOST_PITCH:
        return FaceFault.TURNED_AWAY
    if covered(picture, mesh):
        return FaceFault.COVERED
    return FaceFault.EYES_CLOSED if mesh.eyes_open < SHUT else None


def covered(picture: Array, mesh: Mesh) -> bool:
    """A mask whose colour isn't the skin's, or dark glasses. A mask of the colour of skin isn't seen."""
    lab = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2LAB), np.float32)
    skin = np.median([_patch(lab, mesh, point) for point in SKIN], axis=0)
    lower = np.array([_patch(lab, mesh, point) for point in UNDER_MASK])
    coloured = np.hypot(lower[:, 1] - skin[1], lower[:, 2] - skin[2]) > OTHER_COLOUR
    darker = lower[:, 0] < OTHER_LIGHT * skin[0]
    glasses = [_patch(lab, mesh, eye)[0] / max(1.0, _patch(lab, mesh, cheek)[0]) for eye, cheek in UNDER_GLASSES]
    return int((coloured | darker).sum()) >= MOST_OF or max(glasses) < DARK_GLASSES


def _patch(lab: Array, mesh: Mesh, point: int) -> Array:
    """The median colour around a point of the mesh."""
    x, y = (round(float(value)) for value in mesh.points[point, :2])
    half = max(2, round(PATCH * mesh.width))
    cut = lab[max(0, y - half) : max(1, y + half), max(0, x - half) : max(1, x + half)].reshape(-1, 3)
    return np.median(cut, axis=0) if len(cut) else np.array([0.0, 128.0, 128.0])
