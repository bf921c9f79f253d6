"""What `onehot`, `lookup` and `embeddings` share: tables of embeddings, ratings that refer to their rows."""
