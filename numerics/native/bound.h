/* A kernel bound to memory: a call reads the arguments where they lie, and writes the results. */
typedef struct {
    PyObject_HEAD
    entrance *owner;
    assignment *known;
    PyObject *given, *arrays, *numbers; /* whose memory is used */
    void *at[2 * MANY + 1];
    double values[MANY];
    char *space;
} bound;

static PyObject *repeat(PyObject *object, PyObject *given, PyObject *named)
{
    bound *self = (bound *)object;
    if (PyTuple_GET_SIZE(given) || (named && PyDict_GET_SIZE(named)))
        return PyErr_Format(PyExc_TypeError, "a bound kernel takes no arguments: change its arrays");
    if (!labels_are_below(self->owner, self->known, self->at) ||
        run(self->owner, self->known, self->at, self->space))
        return PyErr_Format(PyExc_IndexError, "a label or a computed position is off its axis");
    Py_RETURN_NONE;
}

static void unbind(PyObject *object)
{
    bound *self = (bound *)object;
    free(self->space);
    Py_XDECREF(self->owner), Py_XDECREF(self->given);
    Py_XDECREF(self->arrays), Py_XDECREF(self->numbers);
    Py_TYPE(object)->tp_free(object);
}

static PyTypeObject bound_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "entrance.Bound",
    .tp_basicsize = sizeof(bound),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_call = repeat,
    .tp_dealloc = unbind,
};

/* bind(arguments, arrays, numbers): results are written to the arrays and the numbers given. */
static PyObject *bind(PyObject *object, PyObject *all)
{
    entrance *owner = (entrance *)object;
    PyObject *given, *arrays, *numbers;
    if (!PyArg_ParseTuple(all, "O!O!O!", &PyDict_Type, &given, &PyTuple_Type, &arrays, &PyArray_Type,
                          &numbers))
        return NULL;
    if (PyTuple_GET_SIZE(arrays) != owner->arrays)
        return PyErr_Format(PyExc_ValueError, "as many arrays as results");
    bound *self = (bound *)bound_type.tp_alloc(&bound_type, 0);
    if (!self) return NULL;
    const int quick = addresses(owner, given, self->at, self->values, &self->known);
    if (quick > 0) {
        for (int n = 0; n < owner->arrays; n++)
            self->at[owner->inputs + n] = PyArray_DATA((PyArrayObject *)PyTuple_GET_ITEM(arrays, n));
        self->at[owner->inputs + owner->arrays] = PyArray_DATA((PyArrayObject *)numbers);
        self->space = aligned_alloc(64, (self->known->space + 127) / 64 * 64);
        Py_INCREF(owner), Py_INCREF(given), Py_INCREF(arrays), Py_INCREF(numbers);
        self->owner = owner, self->given = given, self->arrays = arrays, self->numbers = numbers;
        if (self->space) return (PyObject *)self;
        PyErr_NoMemory();
    }
    Py_DECREF(self);
    if (quick || PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}
