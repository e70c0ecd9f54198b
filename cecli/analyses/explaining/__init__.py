"""From the arrays of the samples that were kept to the plain numbers that the working is written with."""
