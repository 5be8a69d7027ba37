"""How images are brought to published networks, and the names of their classes."""

from zen_lightning import zoo
from zen_lightning.data.class_names import CIFAR10, CIFAR100, imagenet
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.normalisation import CIFAR_MEAN, CIFAR_STD, IMAGENET_MEAN, IMAGENET_STD

_IMAGENET_CROP_RATIO = 0.875
"""As the published accuracies were measured."""


def published_preprocessing(name: str) -> Preprocessing:
    """Return how the images of a network of the zoo are prepared.

    Args:
        name: the name of the network.

    Example:
        >>> seen = published_preprocessing("zennet_imagenet1k_flops400M_SE_res224")
        >>> seen.resize, seen.size, seen.resolution, seen.classes[0]
        (366, 320, 224, 'tench')
        >>> published_preprocessing("zennet_cifar10_model_size05M_res32").classes[3]
        'cat'
    """
    known = zoo.entry(name)
    if known.num_classes == 1000:
        return Preprocessing(known.resolution, IMAGENET_MEAN, IMAGENET_STD, imagenet(), known.crop_size, _IMAGENET_CROP_RATIO)
    classes = CIFAR10 if known.num_classes == 10 else CIFAR100
    return Preprocessing(known.resolution, CIFAR_MEAN, CIFAR_STD, classes, known.crop_size)
