from ultralytics import YOLO

first = YOLO("a.pt")
first.train(data="d.yaml", epochs=7, batch=0.8)
second = YOLO("b.pt")
second.train(data="d.yaml", epochs=9, batch=24)
