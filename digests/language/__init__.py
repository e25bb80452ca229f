"""What is known of languages: words, stop words, stems, sentences, numbers, names, dates."""
