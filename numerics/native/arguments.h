/* The arguments of a call as addresses, where they need no conversion and no thought. */
typedef int stage(const long *size, void *const *at, char *space);

typedef struct {
    npy_intp *lengths; /* of the axes of the arguments, one after the other */
    long *sizes;
    npy_intp *shapes;  /* of the results, one after the other */
    long *below;       /* a bound of the labels of each argument, -1 for none */
    size_t space, work;
    void *kept[KEPT];
    int free;
} assignment;

typedef struct {
    PyObject_HEAD
    stage *function;
    PyObject *names, *keys; /* of arguments and of results */
    int inputs, axes_in_all, arrays, numbers, results, type, alone, judged, learned;
    int axes[MANY], integer[MANY], array_axes[MANY], array_integer[MANY], place[MANY];
    int sizes, shape_axes;
    assignment known[LEARNED];
} entrance;

static int is_label(PyArrayObject *array)
{
    const int type = PyArray_TYPE(array);
    return type == NPY_INTP || (PyArray_ITEMSIZE(array) == sizeof(npy_intp) &&
                                (type == NPY_LONG || type == NPY_LONGLONG));
}

/* Addresses of arguments that need no thought: 1, or 0 for any other, or -1 with an error set. */
static int addresses(entrance *self, PyObject *given, void **at, double *values, assignment **found)
{
    npy_intp lengths[MANY];
    int axis = 0;
    if (!PyDict_CheckExact(given) || PyDict_GET_SIZE(given) != self->inputs) return 0;
    for (int i = 0; i < self->inputs; i++) {
        PyObject *one = PyDict_GetItemWithError(given, PyTuple_GET_ITEM(self->names, i));
        if (!one) return PyErr_Occurred() ? -1 : 0;
        if (PyArray_CheckExact(one)) {
            PyArrayObject *array = (PyArrayObject *)one;
            const int right = self->integer[i] ? is_label(array) : PyArray_TYPE(array) == self->type;
            if (!right || !PyArray_ISCARRAY_RO(array) || PyArray_NDIM(array) != self->axes[i])
                return 0;
            for (int k = 0; k < self->axes[i]; k++) lengths[axis++] = PyArray_DIM(array, k);
            at[i] = PyArray_DATA(array);
        } else if (!self->axes[i] && !self->integer[i] && PyFloat_Check(one)) {
            if (self->type == NPY_DOUBLE) values[i] = PyFloat_AS_DOUBLE(one);
            else *(float *)&values[i] = (float)PyFloat_AS_DOUBLE(one);
            at[i] = &values[i];
        } else {
            return 0;
        }
    }
    for (int k = 0; k < self->learned; k++)
        if (!memcmp(self->known[k].lengths, lengths, axis * sizeof *lengths)) {
            *found = &self->known[k];
            return 1;
        }
    return 0;
}

static int labels_are_below(const entrance *self, const assignment *known, void *const *at)
{
    for (int i = 0, first = 0; i < self->inputs; first += self->axes[i++]) {
        if (known->below[i] < 0) continue;
        npy_intp count = 1;
        for (int k = 0; k < self->axes[i]; k++) count *= known->lengths[first + k];
        const npy_intp *label = at[i];
        int off = 0;
        for (npy_intp k = 0; k < count; k++) off |= label[k] < 0 || label[k] >= known->below[i];
        if (off) return 0;
    }
    return 1;
}

static int run(const entrance *self, const assignment *known, void *const *at, char *space)
{
    int bad;
    if (known->work <= WORK) return self->function(known->sizes, at, space);
    Py_BEGIN_ALLOW_THREADS;
    bad = self->function(known->sizes, at, space);
    Py_END_ALLOW_THREADS;
    return bad;
}
