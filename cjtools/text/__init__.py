"""What can be said of texts: language, feeling, place, themes; what people decided of them; what is masked."""
