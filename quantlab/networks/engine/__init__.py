"""Networks that run, quantized for real: the only place that imports torch, which is loaded when a name is first used.

>>> from quantlab.networks import engine
>>> from quantlab.networks.settings import Setting
>>> from quantlab.networks.store import Store
>>> runner = engine.Runner(*engine.shipped("plain"), images=200)
>>> result = engine.Evaluator(runner, Store(None)).evaluate(Setting(weights=8, activations=8))
>>> result.top(5).value > result.top(1).value > 0.8
True

The names and their types are listed in ``__init__.pyi``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
