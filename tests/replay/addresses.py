"""The addresses that are replayed: every parameter and every choice of every lab, good values and bad ones.

``{tensors}``, ``{picture}``, ``{sound}``, ``{state}`` stand for files of ``files.py``, which the page is given first.
"""

LONG = " ".join(["0.5", "-1.25", "3"] * 150)  # more characters than an address keeps

TENSOR = (
    "",
    "bits=2&granularity=group-64",
    "source=weights&scheme=int-symmetric&bits=4&granularity=tensor&calibrator=absmax&rounding=nearest-even&scrub=bits&size=65536&seed=0",
    "scheme=int-asymmetric&calibrator=mse&rounding=half-away&size=4096&seed=7",
    "calibrator=entropy&convention=full&arithmetic=torch_fake&bits=8&size=4096",
    "calibrator=aciq&rounding=stochastic&dice=3&source=laplace&size=4096&bits=3",
    "calibrator=percentile&percentile=99.99&source=student-t&df=2.5&size=10000",
    "calibrator=minmax&rounding=dither-tpdf&dice=12&granularity=channel-0&size=4096",
    "rounding=dither-rpdf&scheme=int-asymmetric&arithmetic=torch_quant&size=1000&bits=16",
    "scheme=binary&magnitude=max&source=normal&size=4096",
    "scheme=ternary&threshold=exact&scrub=group&bits=16&size=4096&width=4",
    "scheme=mu-law&mu=100&source=sine&bits=6&size=4096",
    "scheme=mu-law&variant=g711&size=4096",
    "scheme=a-law&a=50.5&rounding=toward-zero&scrub=percentile&bits=99.99 %25&width=6&size=4096",
    "scheme=power-of-two&source=relu&rounding=floor&size=4096",
    "scheme=log&octaves=6.5&source=bimodal&separation=3&rounding=ceil&size=4096",
    "scheme=kmeans&method=lloyd&source=uniform&size=2048&bits=3",
    "scheme=lloyd-max&density=laplace&rounding=half-up&size=4096",
    "scheme=quantile&size=4096&bits=5",
    "scheme=nf4&scrub=group&double=true&size=4096&bits=32",
    "scheme=float&own=e3m4&scaled=false&size=4096",
    "scheme=float&own=e3m4&bits=E5M2&size=4096",
    "scheme=float&own=e9m9&size=4096",
    "scheme=float&scrub=clip&format=e2m1fn&size=4096",
    "scheme=mx&calibrator=mse&size=4096",
    "scheme=mx&scrub=outlier&format=mxfp6-e2m3&size=4096",
    "scheme=nvfp4&size=4096&granularity=tensor",
    "scheme=gguf&size=4096",
    "scheme=gguf&granularity=group-64&size=4096",
    "granularity=group-24&value=0.013&size=4096&bits=3",
    "granularity=block-16x16&scrub=clip&width=3&bits=0.65&size=4096",
    "granularity=block-9x0&size=4096",
    "granularity=group-512&size=4096",
    "scrub=outlier&bits=60 σ&width=5&source=normal&size=4096",
    "scrub=outlier&bits=60&size=4096",
    "scrub=group&scheme=gguf&size=4096",
    "source=photo&photo=moon&size=10000&bits=1",
    "source=paste&values=0.5 -1 2 3.25&bits=3&value=a *lot*",
    "source=paste&values=1 2 x",
    f"source=paste&values={LONG}&bits=2",
    "source=upload&file={tensors}&tensor=second&nonfinite=clip&bits=3",
    "source=upload&file={tensors}&tensor=second&nonfinite=drop",
    "source=upload&file={tensors}&tensor=second",
    "source=upload&file={tensors}&tensor=third&bits=6",
    "source=upload",
    "source=upload&file=feed&bits=3",
    "source=x&scheme=x&bits=99&granularity=x&calibrator=x&rounding=x&scrub=x&size=0&seed=-1&arithmetic=x&convention=x&unknown=1&embed=true",
    "calibrator=percentile&percentile=30&scrub=clip&width=99&rounding=stochastic&dice=1.5&size=4096",
    "scheme=mu-law&calibrator=entropy&rounding=dither-rpdf&mu=nan&scrub=group&bits=7&size=4096",
    "scheme=binary&scrub=clip&width=3&mu=100&percentile=90&dice=4&df=2&size=4096",
)

IMAGE = (
    "",
    "source=gradient&dither=none&bits=1&view=original",
    "source=camera&what=rgb-linear&granularity=channel-2&dither=white-noise&strength=0.5&dice=5&bits=3",
    "source=coins&what=grey&dither=bayer-2&scheme=int-symmetric&range=full&calibrator=mse",
    "source=gradient&what=grey-linear&dither=bayer-16&view=error&compare=none,blue-noise",
    "source=flower&what=ycbcr&luma=6&chroma=2&dither=bayer-4&granularity=channel-2",
    "source=gradient&what=lab&dither=bayer-8&granularity=tensor&chroma=99&bits=4",
    "source=rocket&what=palette&palette=k-means&bits=8&dither=atkinson&order=serpentine",
    "source=gradient&what=palette&palette=octree&dither=none&compare=bayer-2,floyd-steinberg,none",
    "source=chelsea&what=dct&dead_zone=1.5&bits=20&dither=none",
    "source=moon&what=grey&scheme=kmeans&dither=jarvis-judice-ninke&order=serpentine&view=ssim&bits=2",
    "source=coins&what=grey&scheme=nvfp4",
    "source=gradient&what=grey&scheme=mu-law&mu=64&calibrator=percentile&rounding=stochastic&dither=blue-noise&dice=3",
    "source=upload&file={picture}&view=plain&dither=blue-noise&compare=none-of-them",
    "source=webcam&dither=none",
    "source=upload&file=feed&what=grey&bits=3",
    "source=x&what=x&dither=x&strength=2&luma=4&view=x&compare=none,x&bits=0&scheme=x&granularity=group-4&range=x&order=x",
)

AUDIO = (
    "",
    "source=voice&scheme=mu-law&factor=6&bits=8",
    "dither=tpdf&shaping=lipshitz&dice=4",
    "dither=rpdf&shaping=first&levels=rise&bits=3",
    "source=faint&dither=tpdf-hp&shaping=second&bits=9",
    "dither=subtractive&shaping=first",
    "dither=tpdf&shaping=ear&factor=4&bits=8",
    "dither=tpdf&shaping=ear&bits=8",
    "source=sweep&factor=12&antialias=no&bits=16",
    "source=drums&scheme=mdct&window=1152&shape=kbd",
    "source=chord&scheme=int-asymmetric&rounding=floor&bits=5",
    "source=voice&scheme=a-law&variant=g711&factor=6",
    "source=voice&scheme=float&bits=E5M2&factor=6&dither=tpdf",
    "source=upload&file={sound}&start=2&bits=4",
    "source=record&bits=4",
    "source=upload&file=feed",
    "source=x&scheme=x&bits=0&dither=x&shaping=x&factor=5&levels=x&rounding=ceil&dice=-1&antialias=x&window=7",
)

CNN = (
    "images=200",
    "source=small&images=200&bits=3&granularity=channel-0&kept=source%3Dsmall",
    "source=small&images=200&scrub=weights&activations=8&scheme=kmeans&bits=3",
    "source=small&images=200&scrub=activations&weights=6&activation=int-symmetric&observer=mse&calibration=20&bits=4",
    "source=depthwise&images=200&granularity=channel-0&ranges=dynamic",
    "source=small&images=200&ends=8&bias=same&norm=apart&input=float&bits=2",
    "source=small&images=200&layers=conv2-4,answer-float&measure=f1&bits=3",
    "source=small&images=200&room=layers&layer=conv2&picture=7&bits=3",
    "source=small&images=200&room=layers&layer=conv9&picture=200&calibrator=percentile",
    "source=small&images=200&room=budget&bits=4",
    "source=small&images=200&room=budget&scheme=nf4",
    "source=small&images=200&scheme=nf4&scrub=both&weights=3&granularity=group-16",
    "source=small&images=200&measure=agreement&calibrator=mse&rounding=floor&ranges=dynamic&observer=mse",
    "source=small&images=200&measure=top5&scheme=float&own=e3m4&bits=8&kept=source%3Dsmall%26calibrator%3Dmse%26bits%3D2",
    "source=small&images=200&file={state}&bits=4",
    "source=small&images=200&file=feed&bits=4",
    "source=zip&images=200&kept=source%3Dzip",
    "source=small&images=200&rounding=stochastic&dice=5&layers=conv9-4&bits=6&kept=source%3Dx%26nonsense",
    "source=small&images=200&bits=17&scrub=x&weights=3&scheme=gguf&granularity=block-2x2&activation=nf4&observer=x&ranges=x"
    "&calibration=7&ends=7&bias=x&norm=x&input=1&measure=x&room=x&kept=" + "k" * 1001,
)

REFERENCE = (
    "",
    "scheme=nf4&bits=6",
    "room=formats&format=e3m4",
    "room=bits-of&format=e5m2&word=3f",
    "room=bits-of&format=int8&word=xyz",
    "room=ranges&bits=3",
    "room=roundings",
    "room=formats&format=e3m99",
    "room=x&scheme=x&bits=9",
)

TRAIN = (
    "",
    "source=moons&seed=2&bits=3",
    "room=weight&rule=fast&bits=5",
    "room=gradients&bits=2",
    "room=network&epochs=1&width=3&method=ste&granularity=tensor&gradient=stochastic&gradient-bits=4&precision=bf16&layer=answer&bits=1",
    "room=network&epochs=1&activations=observed&observers=on&rate=0.3&step-rate=10&cure=log&bits=1",
    "room=x&source=x&rule=x&bits=99",
)

HOME = ("", "bits=5", "bits=99&scheme=nf4")

ADDRESSES = {"tensor": TENSOR, "image": IMAGE, "audio": AUDIO, "cnn": CNN, "reference": REFERENCE, "home": HOME, "train": TRAIN}
