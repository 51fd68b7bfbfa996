"""What does quantization do? One picture, one slider, and the ways into the labs."""

from quantlab.labs.catalog import LABS
from quantlab.ui import live
from quantlab.ui.page import Page, cards

page = Page("home")
address = page.address(side=None, more=None)
result = page.result(address)
live.plot(result.films["wave"], key="wave")
live.numbers(result.films["numbers"], key="numbers")
page.words(result, address["bits"])
cards([lab for slug, lab in LABS.items() if slug != "home"])
