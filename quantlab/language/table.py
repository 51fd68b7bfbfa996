"""The table of methods and bits of a model: ``python -m quantlab.language.table large`` prints it as Markdown.

A model is a name of ``quantlab.language.catalogue``: large, small, smollm2, folder-NAME.
"""

from __future__ import annotations

import argparse

from quantlab.language.calibration import calibrate
from quantlab.language.catalogue import named, titles
from quantlab.language.evaluation import Conditions, scores
from quantlab.language.methods import METHODS
from quantlab.language.quantized import Plan, quantized
from quantlab.progress import finish


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m quantlab.language.table", description="Methods and bits of a language model.")
    parser.add_argument("name", choices=sorted(titles()))
    parser.add_argument("--tokens", type=int, default=8192)
    parser.add_argument("--calibration", type=int, default=16384, help="tokens of the calibration text")
    parser.add_argument("--stops", nargs="*", help="bits or formats, all of each method if left out")
    parser.add_argument("--methods", nargs="*", choices=list(METHODS), help="all if left out")
    args = parser.parse_args()
    language, conditions = named(args.name), Conditions("test", args.tokens)
    model, tokens = language.model(), language.tokens("test", args.tokens)
    size = language.size(tokens)
    seen = finish(calibrate(model, language.tokens("calibration", args.calibration)))
    exact, shares = finish(scores(model, tokens, conditions, size=size))
    print(f"{args.name}: {conditions}; as it is {exact.perplexity:.3f} a {language.unit}, {exact.bits_per_byte:.3f} bits a byte\n")
    print(
        "| method | stop | bits a weight | perplexity | times that of 16 bits, 95 % | divergence, nats | same top |\n|---|---|---|---|---|---|---|"
    )
    for method in [m for m in METHODS.values() if not args.methods or m.slug in args.methods]:
        for stop in [s for s in method.stops if not args.stops or s in args.stops]:
            plan = Plan(method.slug, stop)
            found, _ = finish(scores(quantized(model, plan, seen), tokens, conditions, shares, size=size))
            ratio = found.ratio(exact)
            cells = [method.title, stop, f"{plan.bits_per_weight(model.config):.2f}", f"{found.perplexity:.3f}"]
            cells += [
                f"{ratio.value:.4f} ({ratio.low:.4f} to {ratio.high:.4f})",
                f"{found.divergence.value:.4f}",
                f"{100 * found.same_top:.1f} %",
            ]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
