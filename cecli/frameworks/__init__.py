"""What torch, scikit-learn, Keras, SciPy and optax compute for a call, and why it differs: conventions as changes of our own stages."""
