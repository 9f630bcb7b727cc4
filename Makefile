demo test lint doctor:
	./run $@
