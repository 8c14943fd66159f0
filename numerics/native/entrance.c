/* From a dictionary of arrays to C and back, in a fraction of a microsecond.
 *
 * An Entrance answers the calls that need no thought: arrays of the right type, contiguous, in
 * shapes that it has learned, with finite results. To any other it answers None, and the caller
 * takes the way that explains and converts. Nothing is written but the results, which are new, and
 * a space that no other call uses; Python's lock is released where there is work.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <numpy/arrayobject.h>
#include <numpy/arrayscalars.h>
#include <stdlib.h>

#define MANY 64           /* arguments, results, or axes of all arguments: more are left to Python */
#define NEAR 16384        /* bytes of space that fit on the stack */
#define WORK 65536        /* bytes read and written from which on the lock is released */
#define LEARNED 64        /* assignments of sizes */
#define KEPT 4            /* spaces kept for each */

#include "arguments.h"

static int finite_double(const double *x, npy_intp count)
{
    double total = 0;
#pragma omp simd reduction(+ : total)
    for (npy_intp i = 0; i < count; i++) total += x[i] - x[i];
    return total == 0;
}

static int finite_float(const float *x, npy_intp count)
{
    float total = 0;
#pragma omp simd reduction(+ : total)
    for (npy_intp i = 0; i < count; i++) total += x[i] - x[i];
    return total == 0;
}

static int all_finite(const entrance *self, PyObject *const *arrays, const double *numbers, int result)
{
    const int place = self->place[result];
    if (place < 0)
        return self->type == NPY_DOUBLE ? finite_double(numbers - place - 1, 1)
                                        : finite_float((const float *)numbers - place - 1, 1);
    PyArrayObject *array = (PyArrayObject *)arrays[place];
    if (self->array_integer[place]) return 1;
    return self->type == NPY_DOUBLE ? finite_double(PyArray_DATA(array), PyArray_SIZE(array))
                                    : finite_float(PyArray_DATA(array), PyArray_SIZE(array));
}

static PyObject *number(const entrance *self, const double *numbers, int n)
{
    PyObject *made;
    if (self->type == NPY_DOUBLE) {
        made = PyArrayScalar_New(Double);
        if (made) PyArrayScalar_ASSIGN(made, Double, numbers[n]);
    } else {
        made = PyArrayScalar_New(Float);
        if (made) PyArrayScalar_ASSIGN(made, Float, ((const float *)numbers)[n]);
    }
    return made;
}

static PyObject *result(const entrance *self, PyObject *const *arrays, const double *numbers, int n)
{
    const int place = self->place[n];
    if (place < 0) return number(self, numbers, -place - 1);
    Py_INCREF(arrays[place]);
    return arrays[place];
}

static PyObject *call(PyObject *object, PyObject *given)
{
    entrance *self = (entrance *)object;
    void *at[2 * MANY + 1];
    double values[MANY], numbers[MANY];
    PyObject *arrays[MANY], *answer = NULL;
    int made = 0, bad = 0;
    assignment *known = NULL;
    char near[NEAR + 64];

    const int quick = addresses(self, given, at, values, &known);
    if (quick < 0) return NULL;
    if (!quick || !labels_are_below(self, known, at)) Py_RETURN_NONE;
    npy_intp *shape = known->shapes;
    for (; made < self->arrays; made++) {
        const int kind = self->array_integer[made] ? NPY_INTP : self->type;
        arrays[made] = PyArray_SimpleNew(self->array_axes[made], shape, kind);
        if (!arrays[made]) goto done;
        shape += self->array_axes[made];
        at[self->inputs + made] = PyArray_DATA((PyArrayObject *)arrays[made]);
    }
    at[self->inputs + self->arrays] = numbers;
    void *taken = NULL;
    char *space = (char *)(((uintptr_t)near + 63) / 64 * 64);
    if (known->space > NEAR) {
        taken = known->free ? known->kept[--known->free] : aligned_alloc(64, known->space);
        if (!taken) {
            PyErr_NoMemory();
            goto done;
        }
        space = taken;
    }
    bad = run(self, known, at, space);
    if (taken) {
        if (known->free < KEPT) known->kept[known->free++] = taken;
        else free(taken);
    }
    if (self->judged >= 0) bad |= !all_finite(self, arrays, numbers, self->judged);
    else
        for (int n = 0; n < self->results; n++) bad |= !all_finite(self, arrays, numbers, n);
    if (bad) {
        Py_INCREF(Py_None);
        answer = Py_None;
        goto done;
    }
    if (self->alone) {
        answer = result(self, arrays, numbers, 0);
        goto done;
    }
    answer = PyDict_New();
    for (int n = 0; answer && n < self->results; n++) {
        PyObject *one = result(self, arrays, numbers, n);
        if (!one || PyDict_SetItem(answer, PyTuple_GET_ITEM(self->keys, n), one)) Py_CLEAR(answer);
        Py_XDECREF(one);
    }
done:
    while (made > 0) Py_DECREF(arrays[--made]);
    return answer;
}

static void *copied(PyObject *numbers, size_t width)
{
    const Py_ssize_t count = PyTuple_GET_SIZE(numbers);
    char *made = malloc((count + 1) * width);
    for (Py_ssize_t i = 0; made && i < count; i++) {
        const long value = PyLong_AsLong(PyTuple_GET_ITEM(numbers, i));
        if (width == sizeof(int)) ((int *)made)[i] = (int)value;
        else ((npy_intp *)made)[i] = value;
    }
    if (!made) PyErr_NoMemory();
    return made;
}

/* learn(lengths, sizes, shapes, below, space, work): what the axes of the arguments tell. */
static PyObject *learn(PyObject *object, PyObject *given)
{
    entrance *self = (entrance *)object;
    PyObject *lengths, *sizes, *shapes, *below;
    Py_ssize_t space, work;
    if (!PyArg_ParseTuple(given, "O!O!O!O!nn", &PyTuple_Type, &lengths, &PyTuple_Type, &sizes,
                          &PyTuple_Type, &shapes, &PyTuple_Type, &below, &space, &work))
        return NULL;
    if (self->learned == LEARNED) Py_RETURN_FALSE;
    if (PyTuple_GET_SIZE(lengths) != self->axes_in_all || PyTuple_GET_SIZE(below) != self->inputs)
        return PyErr_Format(PyExc_ValueError, "as many lengths as axes, and bounds as arguments");
    assignment *known = &self->known[self->learned];
    memset(known, 0, sizeof *known);
    known->lengths = copied(lengths, sizeof(npy_intp));
    known->sizes = copied(sizes, sizeof(long));
    known->shapes = copied(shapes, sizeof(npy_intp));
    known->below = copied(below, sizeof(long));
    known->space = space;
    known->work = work;
    if (PyErr_Occurred()) return NULL;
    self->learned++;
    Py_RETURN_TRUE;
}

/* Entrance(address, names, axes, integer, array_axes, array_integer, numbers, keys, place, single,
 *          alone, judged) */
static PyObject *create(PyTypeObject *type, PyObject *given, PyObject *named)
{
    PyObject *names, *axes, *integer, *array_axes, *array_integer, *keys, *place;
    Py_ssize_t address;
    int numbers, single, alone, judged;
    if (!PyArg_ParseTuple(given, "nO!O!O!O!O!iO!O!ppi", &address, &PyTuple_Type, &names,
                          &PyTuple_Type, &axes, &PyTuple_Type, &integer, &PyTuple_Type, &array_axes,
                          &PyTuple_Type, &array_integer, &numbers, &PyTuple_Type, &keys,
                          &PyTuple_Type, &place, &single, &alone, &judged))
        return NULL;
    int in_all = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(axes); i++)
        in_all += (int)PyLong_AsLong(PyTuple_GET_ITEM(axes, i));
    if (PyTuple_GET_SIZE(names) > MANY || PyTuple_GET_SIZE(array_axes) > MANY ||
        PyTuple_GET_SIZE(keys) > MANY || numbers > MANY || in_all > MANY)
        return PyErr_Format(PyExc_OverflowError, "more than %d arguments, results or axes", MANY);
    entrance *self = (entrance *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->function = (stage *)address;
    self->inputs = (int)PyTuple_GET_SIZE(names);
    self->arrays = (int)PyTuple_GET_SIZE(array_axes);
    self->results = (int)PyTuple_GET_SIZE(keys);
    self->axes_in_all = in_all;
    self->numbers = numbers;
    self->type = single ? NPY_FLOAT : NPY_DOUBLE;
    self->alone = alone;
    self->judged = judged;
    struct { PyObject *from; int *to; } lists[] = {
        {axes, self->axes}, {integer, self->integer}, {array_axes, self->array_axes},
        {array_integer, self->array_integer}, {place, self->place}};
    for (int k = 0; k < 5; k++)
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(lists[k].from); i++)
            lists[k].to[i] = (int)PyLong_AsLong(PyTuple_GET_ITEM(lists[k].from, i));
    Py_INCREF(names), Py_INCREF(keys);
    self->names = names, self->keys = keys;
    return (PyObject *)self;
}

static void destroy(PyObject *object)
{
    entrance *self = (entrance *)object;
    for (int k = 0; k < self->learned; k++) {
        assignment *known = &self->known[k];
        free(known->lengths), free(known->sizes), free(known->shapes), free(known->below);
        while (known->free) free(known->kept[--known->free]);
    }
    Py_XDECREF(self->names), Py_XDECREF(self->keys);
    Py_TYPE(object)->tp_free(object);
}

#include "bound.h"

static PyMethodDef methods[] = {
    {"call", call, METH_O, "The results, or None."},
    {"bind", bind, METH_VARARGS, "A call without arguments on memory that stays, or None."},
    {"learn", learn, METH_VARARGS, "Remember what some lengths of axes mean."},
    {NULL, NULL, 0, NULL}};
static PyTypeObject type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "entrance.Entrance",
    .tp_basicsize = sizeof(entrance),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = create,
    .tp_dealloc = destroy,
    .tp_methods = methods,
};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "entrance", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_entrance(void)
{
    import_array();
    PyObject *module = PyModule_Create(&definition);
    if (!module || PyType_Ready(&type) || PyType_Ready(&bound_type)) return NULL;
    Py_INCREF(&type);
    PyModule_AddObject(module, "Entrance", (PyObject *)&type);
    return module;
}
