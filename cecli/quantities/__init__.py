"""What is computed: softmax, entropy, losses, divergences, gradients, temperature."""
