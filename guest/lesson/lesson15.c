/* lesson15.c: what INtime writes into the GDT for a process: memory, a semaphore, a thread; and what a deleted handle leaves.
 *
 * Places that the lesson stops at are labels. `probe` is a load of ES that is jumped over: questions go there.
 */
#include "rt.h"
#include "stdio.h"

#define STOP(name) __asm__ volatile(".globl " #name "\n" #name ":" : : : "memory")

#define SIZE 4098u /* one page and two bytes */

volatile RTHANDLE memory_handle, semaphore_handle, thread_handle;
BYTE *volatile memory;
volatile DWORD handle_size = SIZE, handle_shift; /* questions change them */

static void worker(void *parameter)
{
    (void)parameter;
    RtSleep(1000);
}

static void load_es(RTHANDLE selector)
{
    __asm__ volatile("movzwl %w0, %%eax\n"
                     "jmp 1f\n"
                     ".globl probe\n"
                     "probe:\n"
                     "movw %%ax, %%es\n"
                     ".globl probe_read\n"
                     "probe_read:\n"
                     "movl %%es:(%%ebx), %%ecx\n"
                     "1:\n"
                     ".globl before_load\n"
                     "before_load:\n"
                     "movw %%ax, %%es\n"
                     ".globl after_load\n"
                     "after_load:\n"
                     :
                     : "r"((DWORD)selector)
                     : "eax", "ebx", "ecx", "memory");
}

int main(void)
{
    STOP(begin);
    memory = AllocateRtMemory(SIZE);
    STOP(before_handle);
    memory_handle = CreateRtMemoryHandle(memory + handle_shift, handle_size);
    STOP(after_handle);
    load_es(memory_handle);
    STOP(before_semaphore);
    semaphore_handle = CreateRtSemaphore(0, 1, FIFO_QUEUING);
    STOP(after_semaphore);
    STOP(before_thread);
    thread_handle = CreateRtThread(180, worker, 8192, NULL);
    STOP(after_thread);
    STOP(before_delete);
    DeleteRtMemoryHandle(memory_handle);
    STOP(after_delete);
    printf("handles %04X %04X %04X\n", memory_handle, semaphore_handle, thread_handle);
    return 0;
}
