from sentence_transformers import SentenceTransformer
from transformers import pipeline

encoder = SentenceTransformer("all-MiniLM-L6-v2")
BATCH_SIZE = 128


def embed(texts):
    return encoder.encode(texts, batch_size=BATCH_SIZE, show_progress_bar=False)


summarize = pipeline("summarization", batch_size=8)
