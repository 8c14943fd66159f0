"""Why a result is wrong: where it starts, its likeliest cause, an example that shows it."""
