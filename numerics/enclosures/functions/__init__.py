"""Functions that can be enclosed: the smooth ones, one small file each, listed here.

Kinks and jumps are in `backproof.numerics.enclosures.kinks`.
"""

from backproof.numerics.enclosures.functions.arctangent import Arctangent
from backproof.numerics.enclosures.functions.derivative import Derivative
from backproof.numerics.enclosures.functions.error_function import ErrorFunction
from backproof.numerics.enclosures.functions.exponential import Exponential
from backproof.numerics.enclosures.functions.logarithm import Logarithm
from backproof.numerics.enclosures.functions.power import Power
from backproof.numerics.enclosures.functions.sigmoid import Sigmoid
from backproof.numerics.enclosures.functions.sine import Cosine, Sine
from backproof.numerics.enclosures.functions.smooth import Saturation, Smooth
from backproof.numerics.enclosures.functions.softplus import Softplus
from backproof.numerics.enclosures.functions.tanh import Tanh

SMOOTH = (
    Arctangent(),
    Cosine(),
    ErrorFunction(),
    Exponential(),
    Logarithm(),
    Sigmoid(),
    Sine(),
    Softplus(),
    Tanh(),
)
FAMILIES = (Power, Derivative)  # one function for each exponent, for each function
BY_SYMBOL = {function.symbol: function for function in SMOOTH}

__all__ = ["BY_SYMBOL", "FAMILIES", "SMOOTH", "Derivative", "Power", "Saturation", "Smooth"]
