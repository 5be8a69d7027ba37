"""Pictures, each described once; :mod:`zen_lightning.report.png` and :mod:`zen_lightning.report.html.svg` draw them."""
