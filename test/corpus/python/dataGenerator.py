from keras.preprocessing.image import ImageDataGenerator
from keras.applications.vgg16 import VGG16

train_datagen = ImageDataGenerator(rescale=1.0 / 255, horizontal_flip=True)
test_datagen = ImageDataGenerator(rescale=1.0 / 255)

training_set = train_datagen.flow_from_directory("dataset/training_set", target_size=(64, 64), batch_size=32, class_mode="binary")
test_set = test_datagen.flow_from_directory("dataset/test_set", target_size=(64, 64), batch_size=32, class_mode="binary")

classifier = VGG16(weights=None, classes=1)
classifier.compile(optimizer="adam", loss="binary_crossentropy")
classifier.fit_generator(training_set, steps_per_epoch=250, epochs=25, validation_data=test_set)
