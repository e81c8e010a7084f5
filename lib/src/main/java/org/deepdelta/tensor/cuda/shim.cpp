// Runs CUDA kernels that a C++ compiler made (host.h) on the CPU, one block after the other. The threads of a block are fibers: each runs
// until it comes to a barrier or a shuffle, then the next one does. Broken rules (a barrier that some threads never reach) are reported.

#include <dlfcn.h>
#include <jni.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

namespace {

const int MOST = 1024, WARP = 32;
const size_t STACK = 256 << 10, PAGE = 4 << 10, STEP = 21 * 64;

struct Index {
    unsigned x, y, z;
};

// As in host.h.
struct Shim {
    Index thread, block, threads, blocks;
    void *dynamic;
    void (*barrier)();
    void (*warp)();
    unsigned long long (*exchange)(unsigned long long, int);
    unsigned (*ballot)(int);
};

enum State { NEW, READY, AT_WARP, AT_BLOCK, DONE };

// Where a fiber runs, until its thread is done; the next one that begins gets the stack that was left last, which the cache still has.
struct Stack {
    jmp_buf at;
    ucontext_t start;
    bool made;
    Stack *below;
};

struct Fiber {
    Stack *stack;
    State state;
    int index, phase;
};

Shim state;
Fiber fibers[MOST];
unsigned long long slots[2][MOST];
Stack *idle;
int stacks;
Fiber *current;
jmp_buf scheduler;
void (*run)(const long long *);
const long long *arguments;

void wait(State how) {
    Fiber *me = current;
    me->state = how;
    if (!_setjmp(me->stack->at)) {
        _longjmp(scheduler, 1);
    }
}

void barrier() {
    wait(AT_BLOCK);
}

void warp() {
    wait(AT_WARP);
}

// Two buffers in turn: a lane that is ahead by one exchange must not overwrite what the others still read.
unsigned long long exchange(unsigned long long bits, int lane) {
    Fiber *me = current;
    me->phase ^= 1;
    const int phase = me->phase, first = me->index / WARP * WARP;
    slots[phase][me->index] = bits;
    wait(AT_WARP);
    return slots[phase][first + (lane & (WARP - 1))];
}

unsigned ballot(int predicate) {
    Fiber *me = current;
    me->phase ^= 1;
    const int phase = me->phase, first = me->index / WARP * WARP;
    slots[phase][me->index] = predicate != 0;
    wait(AT_WARP);
    unsigned bits = 0;
    for (int i = 0; i < WARP; i++) {
        bits |= (unsigned) slots[phase][first + i] << i;
    }
    return bits;
}

void leave(Stack *stack) {
    stack->below = idle;
    idle = stack;
}

void body() {
    for (;;) {
        run(arguments);
        leave(current->stack);
        wait(DONE);
    }
}

// The stack's beginning, and its head above it, are at another offset in their pages than the neighbour's: else all would share a few cache lines.
Stack *take() {
    Stack *stack = idle;
    if (stack == nullptr) {
        char *memory = (char *) malloc(STACK + PAGE + sizeof(Stack));
        const size_t size = STACK + stacks++ * STEP % PAGE;
        stack = (Stack *) (memory + size);
        stack->made = false;
        getcontext(&stack->start);
        stack->start.uc_stack.ss_sp = memory;
        stack->start.uc_stack.ss_size = size;
        stack->start.uc_link = nullptr;
        return stack;
    }
    idle = stack->below;
    return stack;
}

void resume(Fiber *f) {
    current = f;
    state.thread = {(unsigned) f->index, 0, 0};
    if (_setjmp(scheduler)) {
        return;
    }
    if (f->state == NEW) {
        f->stack = take();
    }
    if (f->stack->made) {
        _longjmp(f->stack->at, 1);
    }
    f->stack->made = true;
    makecontext(&f->stack->start, body, 0);
    setcontext(&f->stack->start);
}

int count(int from, int to, State how) {
    int n = 0;
    for (int i = from; i < to; i++) {
        n += fibers[i].state == how;
    }
    return n;
}

// Runs a warp until all its lanes are at a barrier of the block or done.
const char *run_warp(int first, bool reverse) {
    for (;;) {
        for (int i = 0; i < WARP; i++) {
            Fiber *f = &fibers[first + (reverse ? WARP - 1 - i : i)];
            if (f->state == NEW || f->state == READY) {
                resume(f);
            }
        }
        const int waiting = count(first, first + WARP, AT_WARP);
        if (waiting == 0) {
            return nullptr;
        }
        if (waiting < WARP) {
            return "some lanes of a warp never came to a shuffle that the others wait at";
        }
        for (int i = first; i < first + WARP; i++) {
            fibers[i].state = READY;
        }
    }
}

const char *run_block(int threads, bool reverse) {
    for (int i = 0; i < threads; i++) {
        fibers[i].state = NEW;
        fibers[i].phase = 0;
    }
    for (;;) {
        for (int w = 0; w < threads; w += WARP) {
            const char *error = run_warp(reverse ? threads - WARP - w : w, reverse);
            if (error != nullptr) {
                return error;
            }
        }
        const int done = count(0, threads, DONE);
        if (done == threads) {
            return nullptr;
        }
        if (done > 0) {
            return "some threads ended before a __syncthreads that the others wait at";
        }
        for (int i = 0; i < threads; i++) {
            fibers[i].state = READY;
        }
    }
}

} // namespace

extern "C" {

// A library of kernels, or 0.
JNIEXPORT jlong JNICALL Java_org_deepdelta_tensor_cuda_Shim_open(JNIEnv *env, jclass, jstring path) {
    const char *name = env->GetStringUTFChars(path, nullptr);
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    env->ReleaseStringUTFChars(path, name);
    if (library != nullptr) {
        state.barrier = barrier;
        state.warp = warp;
        state.exchange = exchange;
        state.ballot = ballot;
        void (*bind)(Shim *) = (void (*)(Shim *)) dlsym(library, "shim_bind");
        bind(&state);
    }
    return (jlong) library;
}

// Why the last open failed.
JNIEXPORT jstring JNICALL Java_org_deepdelta_tensor_cuda_Shim_error(JNIEnv *env, jclass) {
    const char *why = dlerror();
    return env->NewStringUTF(why == nullptr ? "unknown" : why);
}

// A function of a library, or 0.
JNIEXPORT jlong JNICALL Java_org_deepdelta_tensor_cuda_Shim_find(JNIEnv *env, jclass, jlong library, jstring name) {
    const char *text = env->GetStringUTFChars(name, nullptr);
    void *function = dlsym((void *) library, text);
    env->ReleaseStringUTFChars(name, text);
    return (jlong) function;
}

// Runs a kernel to its end. Returns null, or which rule it broke.
JNIEXPORT jstring JNICALL Java_org_deepdelta_tensor_cuda_Shim_run(
        JNIEnv *env, jclass, jlong function, jlong x, jlong y, jlong z, jint threads, jint shared, jboolean reverse, jlongArray args) {
    jlong *values = env->GetLongArrayElements(args, nullptr);
    void *dynamic = shared > 0 ? aligned_alloc(64, (size_t) (shared + 63) / 64 * 64) : nullptr;
    run = (void (*)(const long long *)) function;
    arguments = (const long long *) values;
    state.threads = {(unsigned) threads, 1, 1};
    state.blocks = {(unsigned) x, (unsigned) y, (unsigned) z};
    state.dynamic = dynamic;
    for (int i = 0; i < threads; i++) {
        fibers[i].index = i;
    }
    const char *error = nullptr;
    const long long blocks = x * y * z;
    for (long long i = 0; i < blocks && error == nullptr; i++) {
        const long long b = reverse ? blocks - 1 - i : i;
        state.block = {(unsigned) (b % x), (unsigned) (b / x % y), (unsigned) (b / x / y)};
        if (dynamic != nullptr) {
            memset(dynamic, 0xff, shared); // NaN: shared memory has no content before it is written
        }
        error = run_block(threads, reverse);
    }
    if (error != nullptr) {
        for (int i = 0; i < threads; i++) {
            if (fibers[i].state != NEW && fibers[i].state != DONE) {
                fibers[i].stack->made = false; // those left behind never go on
                leave(fibers[i].stack);
            }
        }
    }
    free(dynamic);
    env->ReleaseLongArrayElements(args, values, JNI_ABORT);
    return error == nullptr ? nullptr : env->NewStringUTF(error);
}
}
