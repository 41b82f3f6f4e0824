"""Take the pictures of docs/portal: one of each kind of page, as Debian's Chromium shows it.

Run: python benchmarks/portal_pictures.py PORTAL, a folder that `luminaldb portal build` wrote.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

OUT = Path(__file__).parent.parent / "docs" / "portal"
DESK, PHONE = {"width": 1100, "height": 760}, {"width": 390, "height": 760}
PICTURES = {
    "home": ("index.html", DESK, "light"),
    "home-phone": ("index.html", PHONE, "light"),
    "search": ("search.html?q=T-DXd+vs+T-DM1+overall+survival", DESK, "light"),
    "results": (
        "browse/trial_results.html#therapy_class=CDK4/6+inhibitor&endpoint=progression-free+survival", DESK, "light",
    ),
    "table": ("browse/effects.html#endpoint_id=%3D+os&ci_high=%3C+1", DESK, "light"),
    "safety": ("safety/classes-cdk4-6-inhibitor.html", DESK, "light"),
    "biomarker": ("biomarkers/esr1-mutated.html", DESK, "light"),
    "guidance": ("guidance.html", DESK, "light"),
    "compare": ("compare.html#trials=paloma-2,monaleesa-2", DESK, "light"),
    "therapy": ("therapies/fulvestrant.html", DESK, "light"),
    "class": ("classes/cdk4-6-inhibitor.html", DESK, "light"),
    "trial": ("trials/destiny-breast03.html", DESK, "light"),
    "trial-results": ("trials/monarche.html#effects", DESK, "light"),
    "trial-dark": ("trials/monarche.html", DESK, "dark"),
    "trial-phone": ("trials/pertain.html", PHONE, "dark"),
    "mechanism": ("mechanisms/pik3ca-mutation.html", DESK, "light"),
    "gene": ("genes/hgnc-3430.html", DESK, "light"),
    "claim": ("claims/abc4-dual-blockade-no-os.html", DESK, "light"),
    "citation": ("citations/johnston-2018-alternative.html", DESK, "light"),
    "forest": ("forest/cdk4-6-inhibitor--os--hazard-ratio--itt--metastatic--latest--add-on.html#plot", DESK, "light"),
    "crosstalk": ("crosstalk.html#therapy=lapatinib", DESK, "light"),
    "evidence-map": ("evidence-map.html", DESK, "light"),
    "quality": ("quality.html#versions", DESK, "light"),
    "downloads": ("downloads.html", DESK, "light"),
}  # fmt: skip


def main(portal: Path) -> None:
    """Take every picture."""
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as run:
        browser = run.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (address, size, scheme) in PICTURES.items():
            context = browser.new_context(viewport=size, color_scheme=scheme)
            page = context.new_page()
            page.goto(f"{portal.resolve().as_uri()}/{address}")
            page.wait_for_timeout(1500)
            page.screenshot(path=OUT / f"{name}.jpg", type="jpeg", quality=55)
            context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
