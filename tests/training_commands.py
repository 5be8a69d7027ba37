"""The smallest training that the command line can do."""

STRUCTURE = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,2,8,1)SuperConvK1BNRELU(8,16,1,1)"
TINY = ("dataset=digits", "recipe.epochs=2", "recipe.batch_size=16", "limit=64", "resolution=8", "trainer=cpu")


def train(folder: object, *more: str) -> list[str]:
    """Return the arguments of a training of a second."""
    return ["task=train", f"arch={STRUCTURE}", *TINY, f"output_dir={folder}", *more]
