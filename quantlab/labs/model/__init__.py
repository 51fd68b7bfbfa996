"""The model lab: a whole file of weights, tensor by tensor."""
