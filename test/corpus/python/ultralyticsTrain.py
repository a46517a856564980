from ultralytics import YOLO

model = YOLO("yolov8n.pt")
model.train(data="coco128.yaml", epochs=100, imgsz=640, batch=16, lr0=0.01)
metrics = model.val(batch=32)
