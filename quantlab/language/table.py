"""The table of methods and bits of a shipped model: ``python -m quantlab.language.table large`` prints it as Markdown."""

from __future__ import annotations

import argparse

from quantlab.language.calibration import calibrate
from quantlab.language.evaluation import Conditions, scores
from quantlab.language.methods import METHODS
from quantlab.language.quantized import Plan, quantized
from quantlab.language.shipped import CONFIGS, load, tokens_of
from quantlab.progress import finish


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m quantlab.language.table", description="Methods and bits of a shipped language model.")
    parser.add_argument("name", choices=sorted(CONFIGS))
    parser.add_argument("--tokens", type=int, default=8192)
    args = parser.parse_args()
    model, conditions = load(args.name), Conditions("test", args.tokens)
    tokens = tokens_of("test", args.tokens)
    seen = finish(calibrate(model, tokens_of("calibration", 16384)))
    exact, shares = finish(scores(model, tokens, conditions))
    print(f"{args.name}: {conditions}; as it is {exact.perplexity:.3f} a byte, {exact.bits_per_byte:.3f} bits a byte\n")
    print(
        "| method | stop | bits a weight | perplexity | times that of 16 bits, 95 % | divergence, nats | same top |\n|---|---|---|---|---|---|---|"
    )
    for method in METHODS.values():
        for stop in method.stops:
            plan = Plan(method.slug, stop)
            found, _ = finish(scores(quantized(model, plan, seen), tokens, conditions, shares))
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
