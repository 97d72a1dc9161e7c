"""Draw the icons of the installed site: `python -m tests.browser.icons static/icons`.

The picture is that of the page's icon. `192.png` and `512.png` are it as it is; `maskable.png` has paper around it, of
which a device cuts off what it likes: all that matters lies within the middle 80 per cent.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.browser.chromium import chromium

_DRAWING = Path(__file__).parents[2] / "static" / "favicon.svg"
#: The side in pixels, what is around the drawing, and how much of the side it takes.
_ICONS = {
    "192.png": (192, "transparent", 1.0),
    "512.png": (512, "transparent", 1.0),
    "maskable.png": (512, "#f7f6f3", 0.56),
}
_PAGE = """
<style>
  body {{ margin: 0; display: grid; place-items: center; block-size: 100vh; background: {ground}; }}
  svg {{ inline-size: {side}px; }}
</style>{drawing}
"""


async def draw(folder: Path) -> None:
    """Write them to `folder`."""
    drawing = _DRAWING.read_text(encoding="utf-8")
    async with chromium() as browser:
        for name, (side, ground, share) in _ICONS.items():
            page = await browser.new_page(viewport={"width": side, "height": side})
            await page.set_content(
                _PAGE.format(ground=ground, side=round(side * share), drawing=drawing)
            )
            await page.screenshot(path=folder / name, omit_background=True)


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
