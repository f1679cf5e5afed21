"""Claims: the statements on the map, each with the evidence that supports, refutes or qualifies it.

claims.csv and links.csv beside client.toml hold them: `draft` fills them from the evidence, `accept`, `edit`, `drop`,
`link` and `unlink` are what a person does with them (a spreadsheet does as well), `claims_of` measures them on a map.
How a statement refers to numbers and quotes: see claims/references.py.
"""

from cjtools.claims.check import Stated, check_claims
from cjtools.claims.decide import accept, draft, drop, edit, link, unlink
from cjtools.claims.draft import Drafted, draft_claims
from cjtools.claims.files import load_claims, load_links
from cjtools.claims.found import Claims
from cjtools.claims.measure import match_links
from cjtools.claims.saving import save_claims, save_links
from cjtools.claims.tables import CLAIM_TABLES
from cjtools.claims.take import claims_of

__all__ = [
    "CLAIM_TABLES",
    "Claims",
    "Drafted",
    "Stated",
    "accept",
    "check_claims",
    "claims_of",
    "draft",
    "draft_claims",
    "drop",
    "edit",
    "link",
    "load_claims",
    "load_links",
    "match_links",
    "save_claims",
    "save_links",
    "unlink",
]
