"""What reviewers remarked on a map and who signed it off: remarks.csv in the client's folder.

The page lets reviewers mark claims and download their remarks; `add_remarks` puts such a file below what is there,
`resolve` says that a remark is dealt with. Rows are added, never changed.
"""

from cjtools.remarks.content import content_of
from cjtools.remarks.files import check_remarks, load_remarks
from cjtools.remarks.saving import add_remarks, resolve
from cjtools.remarks.standing import Remarks, SignOff, no_remarks, remarks_of
from cjtools.remarks.tables import MapRemark, Remark

__all__ = [
    "MapRemark",
    "Remark",
    "Remarks",
    "SignOff",
    "add_remarks",
    "check_remarks",
    "content_of",
    "load_remarks",
    "no_remarks",
    "remarks_of",
    "resolve",
]
