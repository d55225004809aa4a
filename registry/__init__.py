"""What instruction-tuning datasets exist and what is known of them."""
